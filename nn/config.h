#pragma once
// Objects from a name and a Config, and back. An options struct lists its fields once, in its own .cpp:
//     fields(DenseOptions& o, F&& field) { field("units", o.units); ... }
// What a field of each type is in JSON: json.h.
#include <algorithm>
#include <typeinfo>
#include "../tensor/shape.h"
#include "register.h"

namespace xg {

/// Throws unless the name is registered.
std::shared_ptr<Module> make_module(const std::string& name, const Config& config);
/// The name under which the module's class can be made again; throws unless it is registered.
std::string registered_name(const Module& module);
/// The layers that come with the library, by name.
std::vector<std::string> library_modules();

template <class Options> void write(Config& config, Options options) {
    fields(options, [&]<class T>(const char* name, T& v) { detail::SettingOf<T>::set(config, name, v); });
}
/// Refuses a name that is not listed, so that a misspelt setting cannot be lost. Those that every layer of Keras has
/// say nothing here: names belong to the parent, the dtype to the input.
void expect_known(const char* what, const Config& config, const std::vector<std::string_view>& known);
template <class Options> Options read(const char* what, const Config& config) {
    Options options;
    std::vector<std::string_view> known;
    fields(options, [&]<class T>(const char* name, T& v) {
        known.push_back(name);
        detail::SettingOf<T>::read(what, config, name, v);
    });
    expect_known(what, config, known);
    return options;
}

struct NoOptions {};
template <class F> void fields(NoOptions&, F&&) {}
/// From M::from_config; one without has no settings. Made where it stays, and held as any module: a hundred classes
/// move and count nothing of their own.
template <class M> std::shared_ptr<Module> made(const Config& config) {
    if constexpr (requires { M::from_config(config); })
        return std::shared_ptr<Module>(static_cast<Module*>(new M(M::from_config(config))));
    else {
        auto* module = new M();
        std::shared_ptr<Module> owner(static_cast<Module*>(module));
        read<NoOptions>(module->type().c_str(), config);
        return owner;
    }
}

/// The classes of one family. "GlorotUniform" is also found as "glorot_uniform", and under aliases ("mse").
template <class Base> struct TableEntry {
    std::string name;
    Box<Base> (*make)(const Config&);
    std::vector<std::string> aliases;
    bool (*is)(const Base&) = nullptr;          // of this very class
    Config (*settings)(const Base&) = nullptr;  // null where the class keeps its options to itself
};
template <class Base> using Table = std::vector<TableEntry<Base>>;
template <class Base> const Table<Base>& table();

template <class T, class Base> TableEntry<Base> entry(const char* name, std::vector<std::string> aliases = {}) {
    return {name, [](const Config&) { return Box<Base>(T()); }, std::move(aliases),
            [](const Base& b) { return typeid(b) == typeid(T); }, [](const Base&) { return Config(); }};
}
template <class T, class Options>
concept ShowsOptions = requires(const T& t) {
    Options(t.settings());
};
template <class T, class Base, class Options>
TableEntry<Base> entry(const char* name, std::vector<std::string> aliases = {}) {
    TableEntry<Base> e{name, [](const Config& c) { return Box<Base>(T(read<Options>("config", c))); },
                       std::move(aliases), [](const Base& b) { return typeid(b) == typeid(T); }};
    if constexpr (ShowsOptions<T, Options>)
        e.settings = [](const Base& b) {
            Config config;
            write(config, Options(static_cast<const T&>(b).settings()));
            return config;
        };
    return e;
}
namespace detail {
/// The class and the settings of an object; throws for a class that could not be made from them again.
template <class Base> std::pair<std::string, Config> described(const Base& object) {
    for (auto& e : table<Base>())
        if (e.is && e.settings && e.is(object)) return {e.name, e.settings(object)};
    for (auto& e : registered<Base>())
        if (e.is(object)) {
            Config config;
            e.describe(object, config);
            return {e.name, config};
        }
    xg::fail<std::logic_error>("describe: expected a registered class with settings, got {}", typeid(object).name());
}
}  // namespace detail
/// "KLDivergence" as "kl_divergence", "F1Score" as "f1_score".
std::string snake(const std::string& name);
template <class Base> Box<Base> from_table(const char* family, const std::string& name, const Config* config) {
    std::string known;
    for (auto& e : table<Base>()) {
        if (name == e.name || name == snake(e.name) || std::ranges::find(e.aliases, name) != e.aliases.end())
            return e.make(config ? *config : Config());
        known += (known.empty() ? "" : ", ") + e.name;
    }
    for (auto& e : detail::registered<Base>())
        if (name == e.name) return e.make(config ? *config : Config());
    fail<std::invalid_argument>("{}: expected one of {}, got \"{}\"", family, known, name);
}

}  // namespace xg
