#pragma once
// Objects from a name and JSON, and back. Included by .cpp files only: <nlohmann/json.hpp> costs a second to compile.
// An options struct lists its fields once, in its own .cpp:  fields(DenseOptions& o, F&& field) { field("units",
// o.units); ... }
#include <algorithm>
#include <map>
#include <optional>
#include <typeinfo>
#include <nlohmann/json.hpp>
#include "../tensor/box.h"
#include "../autograd/function.h"
#include "../tensor/shape.h"

namespace xg {

class Module;
class Config {
public:
    nlohmann::json json = nlohmann::json::object();
};

using ModuleMaker = std::shared_ptr<Module> (*)(const Config&);
std::shared_ptr<Module> make_module(const std::string& name, const Config& config);
void register_module(const std::string& name, ModuleMaker maker);
/// From M::from_config; one without has no settings.
template <class M> std::shared_ptr<Module> made(const Config& config) {
    if constexpr (requires { M::from_config(config); }) return std::make_shared<M>(M::from_config(config));
    else return std::make_shared<M>();
}
inline Shape shape_from(const nlohmann::json& extents) { return {extents.begin(), extents.end()}; }

// One field, from and to JSON.
template <class T> void from(const nlohmann::json& j, std::optional<T>& out) { out = j.get<T>(); }
template <class T> void from(const nlohmann::json& j, T& out) { j.get_to(out); }
/// Numbers, such as axes or thresholds: one as a number, several as a list, none as null.
template <class T>
requires std::is_arithmetic_v<T>
void from(const nlohmann::json& j, std::vector<T>& out) {
    out = j.is_array() ? j.get<std::vector<T>>() : std::vector{j.get<T>()};
}
template <class T>
requires std::is_arithmetic_v<T> nlohmann::json value(const std::vector<T>& v) {
    return v.empty() ? nlohmann::json() : v.size() == 1 ? nlohmann::json(v[0]) : nlohmann::json(v);
}
template <class T> nlohmann::json value(const std::optional<T>& v) { return v ? nlohmann::json(*v) : nlohmann::json(); }
inline void from(const nlohmann::json& j, Function& out) {
    out = j.is_null() ? Function() : Function(j.get<std::string>());
}
inline nlohmann::json value(const Function& f) { return f.name(); }
template <class Base> void from(const nlohmann::json& j, Box<Base>& out) {
    if (j.is_string()) {
        out = make<Base>(j.get<std::string>().c_str());
        return;
    }
    const Config inner{j.at("config")};
    out = make<Base>(j.at("class_name").get<std::string>().c_str(), &inner);
}
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::same_as<T, std::string>;
template <Plain T> nlohmann::json value(const T& v) { return v; }
template <class Base> nlohmann::json value(const Box<Base>& object);

template <class Options> void write(Config& config, Options options) {
    fields(options, [&](const char* name, auto& v) { config.json[name] = value(v); });
}
/// Unknown names are refused, so that a misspelt setting cannot be lost.
template <class Options> Options read(const char* what, const Config& config) {
    Options options;
    std::size_t used = 0;
    fields(options, [&](const char* name, auto& v) {
        if (const auto i = config.json.find(name); i != config.json.end()) {
            ++used;
            if (!i->is_null()) from(*i, v);
        }
    });
    if (used != config.json.size())
        for (auto& [key, ignored] : config.json.items()) {
            bool known = false;
            fields(options, [&, &key = key](const char* name, auto&) { known |= key == name; });
            require<std::invalid_argument>(known || key == "name" || key == "dtype" || key == "trainable",
                                           "{}: expected a known setting, got \"{}\"", what, key);
        }
    return options;
}

/// The classes of one family. "GlorotUniform" is also found as "glorot_uniform", and under aliases ("mse").
template <class Base> struct TableEntry {
    std::string name;
    Box<Base> (*make)(const Config&);
    std::vector<std::string> aliases;
    bool (*is)(const Base&) = nullptr;                  // of this very class
    nlohmann::json (*settings)(const Base&) = nullptr;  // null where the class keeps its options to itself
};
template <class Base> using Table = std::vector<TableEntry<Base>>;
template <class Base> const Table<Base>& table();

template <class T, class Base> TableEntry<Base> entry(const char* name, std::vector<std::string> aliases = {}) {
    return {name, [](const Config&) { return Box<Base>(T()); }, std::move(aliases),
            [](const Base& b) { return typeid(b) == typeid(T); }, [](const Base&) { return nlohmann::json::object(); }};
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
            return config.json;
        };
    return e;
}
/// An object as Keras writes it: its class and its settings. Throws for a class that could not be made from them again.
template <class Base> nlohmann::json value(const Box<Base>& object) {
    for (auto& e : table<Base>())
        if (e.is && e.settings && e.is(*object)) return {{"class_name", e.name}, {"config", e.settings(*object)}};
    fail<std::logic_error>("describe: expected a registered class with settings, got {}", typeid(*object).name());
}
/// "KLDivergence" as "kl_divergence", "F1Score" as "f1_score".
inline std::string snake(const std::string& name) {
    const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
    const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
    std::string s;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool begins_word =
            i > 0 && upper(name[i]) && (lower(name[i - 1]) || (i + 1 < name.size() && lower(name[i + 1])));
        if (begins_word) s += '_';
        s += upper(name[i]) ? char(name[i] - 'A' + 'a') : name[i];
    }
    return s;
}
template <class Base> Box<Base> from_table(const char* family, const std::string& name, const Config* config) {
    std::string known;
    for (auto& e : table<Base>()) {
        if (name == e.name || name == snake(e.name) || std::ranges::find(e.aliases, name) != e.aliases.end())
            return e.make(config ? *config : Config());
        known += (known.empty() ? "" : ", ") + e.name;
    }
    fail<std::invalid_argument>("{}: expected one of {}, got \"{}\"", family, known, name);
}

}  // namespace xg
