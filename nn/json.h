#pragma once
// Settings as JSON. For the few .cpp files that write types of their own: <nlohmann/json.hpp> costs seconds to compile.
#include <cmath>
#include <optional>
#include <set>
#include <nlohmann/json.hpp>
#include "config.h"
#include "layers/layer_function.h"

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
/// One entry of a list; of numbers that are no indices a list, too: Keras writes arrays of any rank, their entries in
/// order.
template <Plain T> void append(const nlohmann::json& j, std::vector<T>& out) {
    if (std::floating_point<T> && j.is_array()) {
        for (const auto& each : j) append(each, out);
        return;
    }
    T value;
    from(j, value);
    out.push_back(value);
}
/// Numbers, such as axes or thresholds: one as such, several as a list, none as null.
template <Plain T> void from(const nlohmann::json& j, std::vector<T>& out) {
    require<std::invalid_argument>(j.is_array() || (j.is_number() && std::is_arithmetic_v<T>),
                                   "expected a list, got {}", j.dump());
    out.clear();
    for (const auto& each : j) append(each, out);
}
template <class T>
requires std::is_arithmetic_v<T> nlohmann::json value(const std::vector<T>& v) {
    return v.empty() ? nlohmann::json() : v.size() == 1 ? nlohmann::json(v[0]) : nlohmann::json(v);
}
/// By its name; Keras may write {"class_name": "function", "config": name}, or a layer in its place.
inline void from(const nlohmann::json& j, Function& out) {
    const bool wrapped = j.is_object() && j.value("class_name", "") == "function";
    if (j.is_object() && !wrapped) out = LayerFunction(module_from(j));
    else out = j.is_null() ? Function() : Function((wrapped ? j.at("config") : j).get<std::string>());
}
inline nlohmann::json value(const Function& f) {
    if (const auto* call = f.target<LayerFunction>()) return describe(call->layer());
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
/// A layer inside another; null where there is none. One alone is a list, too.
inline void from(const nlohmann::json& j, std::shared_ptr<Module>& out) {
    out = j.is_null() ? nullptr : module_from(j);
}
inline nlohmann::json value(const std::shared_ptr<Module>& layer) {
    return layer ? describe(*layer) : nlohmann::json();
}
inline void from(const nlohmann::json& j, std::vector<std::shared_ptr<Module>>& out) {
    out.clear();
    for (const auto& layer : j.is_array() ? j : nlohmann::json::array({j})) out.push_back(module_from(layer));
}
inline nlohmann::json value(const std::vector<std::shared_ptr<Module>>& layers) {
    auto list = nlohmann::json::array();
    for (const auto& layer : layers) list.push_back(describe(*layer));
    return list;
}
template <Plain T> nlohmann::json value(const T& v) {
    if constexpr (std::floating_point<T>)
        if (!std::isfinite(v)) return fmt::format("{}", v);
    return v;
}
inline nlohmann::json value(const std::vector<std::string>& v) { return v; }
template <class T> nlohmann::json value(const std::optional<T>& v) { return v ? value(*v) : nlohmann::json(); }
/// An object as Keras writes it: its class and its settings. Throws for a class that could not be made from them again.
template <class Base> nlohmann::json value(const Box<Base>& object) {
    if (!object) return nullptr;
    const auto [name, config] = detail::described(*object);
    return {{"class_name", name}, {"config", config.json()}};
}

template <class T> void detail::SettingOf<T>::set(Config& config, const std::string& name, const T& setting) {
    config.json()[name] = value(setting);
}
// Null stands for the default, but in an optional, where it is a value as any other, and of a function, where it is
// none.
template <class T>
void detail::SettingOf<T>::read(const char* what, const Config& config, const std::string& name, T& out) {
    const auto i = config.json().find(name);
    constexpr bool nullable = std::same_as<T, Function> || requires { out.has_value(); };
    if (i == config.json().end() || (i->is_null() && !nullable)) return;
    try {
        from(*i, out);
    } catch (const nlohmann::json::exception&) {
        xg::fail<std::invalid_argument>("{}: expected {} as describe() writes it, got {}", what, name, i->dump());
    } catch (const std::invalid_argument& e) {
        const std::string text = e.what();
        if (!text.starts_with("expected")) throw;
        xg::fail<std::invalid_argument>("{}: {} for {}", what, text, name);
    }
}

}  // namespace xg
