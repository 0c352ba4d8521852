#pragma once
// Objects from a name and JSON, and back. Included by .cpp files only: <nlohmann/json.hpp> costs a second to compile.
// An options struct lists its fields once, in its own .cpp:  fields(DenseOptions& o, F&& field) { field("units",
// o.units); ... }
#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <typeinfo>
#include <nlohmann/json.hpp>
#include "../tensor/shape.h"
#include "register.h"

namespace xg {

namespace detail {
struct Settings {
    nlohmann::json json = nlohmann::json::object();
    std::set<std::string> read = {};  // the names that were asked for
};
}  // namespace detail
template <class Json>
requires(!std::same_as<Json, Config>) Config::Config(const Json& json)
    : settings_(new detail::Settings{nlohmann::json(json)}) {}

/// A JSON object; `who` is for errors. Throws for anything else, and where lists and objects nest deeper than
/// `deepest_json`, as what reads them calls itself.
nlohmann::json parse_object(const char* who, std::string_view text);
inline constexpr int deepest_json = 200;

/// Throws unless the name is registered.
std::shared_ptr<Module> make_module(const std::string& name, const Config& config);
/// The name under which the module's class can be made again; throws unless it is registered.
std::string registered_name(const Module& module);
/// The layers that come with the library, by name.
std::vector<std::string> library_modules();
/// {"class_name": ..., "config": ...}, and back.
nlohmann::json describe(const Module& module);
std::shared_ptr<Module> module_from(const nlohmann::json& j);

// One field, from and to JSON. A number that is cut or a string for a number is an error.
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::same_as<T, std::string>;
template <Plain T> void from(const nlohmann::json& j, T& out) {
    bool fits = false;
    if constexpr (std::same_as<T, bool>) fits = j.is_boolean();
    else if constexpr (std::same_as<T, std::string>) fits = j.is_string();
    else if constexpr (std::floating_point<T>) {
        for (const T unwritable : {T(INFINITY), T(-INFINITY), T(NAN)})
            if (j.is_string() && j == fmt::format("{}", unwritable)) {
                out = unwritable;
                return;
            }
        fits = j.is_number();
    } else fits = j.is_number_integer() || (j.is_number_float() && j.get<double>() == double(T(j.get<double>())));
    require<std::invalid_argument>(fits, "expected a {}, got {}",
                                   std::same_as<T, bool>          ? "bool"
                                   : std::same_as<T, std::string> ? "string"
                                   : std::integral<T>             ? "whole number"
                                                                  : "number",
                                   j.dump());
    j.get_to(out);
}
template <class T> void from(const nlohmann::json& j, T& out) { j.get_to(out); }
/// Numbers, such as axes or thresholds: one as such, several as a list, none as null.
template <Plain T> void from(const nlohmann::json& j, std::vector<T>& out) {
    require<std::invalid_argument>(j.is_array() || (j.is_number() && std::is_arithmetic_v<T>),
                                   "expected a list, got {}", j.dump());
    out.clear();
    for (const auto& each : j) {
        T value;
        from(each, value);
        out.push_back(value);
    }
}
template <class T>
requires std::is_arithmetic_v<T> nlohmann::json value(const std::vector<T>& v) {
    return v.empty() ? nlohmann::json() : v.size() == 1 ? nlohmann::json(v[0]) : nlohmann::json(v);
}
inline void from(const nlohmann::json& j, Function& out) {
    out = j.is_null() ? Function() : Function(j.get<std::string>());
}
inline nlohmann::json value(const Function& f) {
    require<std::invalid_argument>(
        f.named(), "describe: expected a function that has a name, got a {}; register_function(name, f) gives it one",
        f.name());
    return f.name();
}
inline void from(const nlohmann::json& j, Shape& out) {
    std::vector<std::int64_t> extents;
    from(j, extents);
    out = Shape(extents.begin(), extents.end());
}
inline nlohmann::json value(const Shape& shape) { return std::vector(shape.begin(), shape.end()); }
inline void from(const nlohmann::json& j, DType& out) { out = dtype_from(j.get<std::string>()); }
inline nlohmann::json value(DType dtype) { return name_of(dtype); }
template <class T> void from(const nlohmann::json& j, std::optional<T>& out) {
    if (j.is_null()) out.reset();
    else from(j, out.emplace());
}
template <class Base> void from(const nlohmann::json& j, Box<Base>& out) {
    if (j.is_string()) {
        out = make<Base>(j.get<std::string>().c_str());
        return;
    }
    const Config inner(j.at("config"));
    out = make<Base>(j.at("class_name").get<std::string>().c_str(), &inner);
}
template <Plain T> nlohmann::json value(const T& v) {
    if constexpr (std::floating_point<T>)
        if (!std::isfinite(v)) return fmt::format("{}", v);
    return v;
}
inline nlohmann::json value(const std::vector<std::string>& v) { return v; }
template <class T> nlohmann::json value(const std::optional<T>& v) { return v ? value(*v) : nlohmann::json(); }
template <class Base> nlohmann::json value(const Box<Base>& object);

template <class Options> void write(Config& config, Options options) {
    fields(options, [&](const char* name, auto& v) { config.json()[name] = value(v); });
}
/// Refuses a name that is not listed, so that a misspelt setting cannot be lost. Those that every layer of Keras has
/// say nothing here: names belong to the parent, the dtype to the input.
inline void expect_known(const char* what, const std::string& name, const std::vector<std::string>& known) {
    require<std::invalid_argument>(
        std::ranges::find(known, name) != known.end() || name == "name" || name == "dtype" || name == "trainable",
        "{}: expected a known setting, got \"{}\"", what, name);
}
template <class Options> Options read(const char* what, const Config& config) {
    Options options;
    std::vector<std::string> known;
    fields(options, [&](const char* name, auto& v) {
        known.push_back(name);
        const auto i = config.json().find(name);
        // Null stands for the default, but in an optional, where it is a value as any other.
        if (i == config.json().end() || (i->is_null() && !requires { v.has_value(); })) return;
        try {
            from(*i, v);
        } catch (const nlohmann::json::exception&) {
            fail<std::invalid_argument>("{}: expected {} as describe() writes it, got {}", what, name, i->dump());
        } catch (const std::invalid_argument& e) {
            const std::string text = e.what();
            if (!text.starts_with("expected")) throw;
            fail<std::invalid_argument>("{}: {} for {}", what, text, name);
        }
    });
    for (auto& [name, ignored] : config.json().items()) expect_known(what, name, known);
    return options;
}

struct NoOptions {};
template <class F> void fields(NoOptions&, F&&) {}
/// From M::from_config; one without has no settings.
template <class M> std::shared_ptr<Module> made(const Config& config) {
    if constexpr (requires { M::from_config(config); }) return std::make_shared<M>(M::from_config(config));
    else {
        auto module = std::make_shared<M>();
        read<NoOptions>(module->type().c_str(), config);
        return module;
    }
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
            return config.json();
        };
    return e;
}
/// An object as Keras writes it: its class and its settings. Throws for a class that could not be made from them again.
template <class Base> nlohmann::json value(const Box<Base>& object) {
    if (!object) return nullptr;
    for (auto& e : table<Base>())
        if (e.is && e.settings && e.is(*object)) return {{"class_name", e.name}, {"config", e.settings(*object)}};
    for (auto& e : detail::registered<Base>())
        if (e.is(*object)) {
            Config config;
            e.describe(*object, config);
            return {{"class_name", e.name}, {"config", config.json()}};
        }
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
    for (auto& e : detail::registered<Base>())
        if (name == e.name) return e.make(config ? *config : Config());
    fail<std::invalid_argument>("{}: expected one of {}, got \"{}\"", family, known, name);
}

}  // namespace xg
