#pragma once
// What a setting of each type is in JSON, for the .cpp files that have settings of types of their own.
#include <cmath>
#include <optional>
#include <span>
#include "../tensor/json.h"
#include "config.h"
#include "layers/layer_function.h"

namespace xg {

/// A JSON object; `who` is for errors. Throws for anything else.
Json parse_object(const char* who, std::string_view text);
/// {"class_name": ..., "config": ...}, and back.
Json describe(const Module& module);
std::shared_ptr<Module> module_from(const Json& j);

/// The elements of a list; what is no list is one of one.
inline std::span<const Json> each_of(const Json& j) {
    return j.is_array() ? std::span(j.begin(), j.end()) : std::span(&j, 1);
}

// One field, from and to JSON. A number that is cut or a string for a number is an error.
template <class T>
concept Plain = std::is_arithmetic_v<T> || std::same_as<T, std::string>;
template <Plain T> void from(const Json& j, T& out) {
    if constexpr (std::floating_point<T>)
        for (const T unwritable : {T(INFINITY), T(-INFINITY), T(NAN)})
            if (j == fmt::format("{}", unwritable)) {
                out = unwritable;
                return;
            }
    out = j.get<T>();
}
/// One entry of a list; of numbers that are no indices a list, too: Keras writes arrays of any rank, their entries in
/// order.
template <Plain T> void append(const Json& j, std::vector<T>& out) {
    if (std::floating_point<T> && j.is_array()) {
        for (const Json& each : j) append(each, out);
        return;
    }
    T value;
    from(j, value);
    out.push_back(value);
}
/// Numbers, such as axes or thresholds: one as such, several as a list, none as null.
template <Plain T> void from(const Json& j, std::vector<T>& out) {
    require<std::invalid_argument>(j.is_array() || (j.is_number() && std::is_arithmetic_v<T>),
                                   "expected a list, got {}", j.dump());
    out.clear();
    for (const Json& each : each_of(j)) append(each, out);
}
template <class T>
requires std::is_arithmetic_v<T> Json value(const std::vector<T>& v) {
    return v.empty() ? Json() : v.size() == 1 ? Json(v[0]) : Json(v);
}
/// By its name; Keras may write {"class_name": "function", "config": name}, or a layer in its place.
inline void from(const Json& j, Function& out) {
    const bool wrapped = j.is_object() && j.value("class_name", "") == "function";
    if (j.is_object() && !wrapped) out = LayerFunction(module_from(j));
    else out = j.is_null() ? Function() : Function((wrapped ? j.at("config") : j).string());
}
inline Json value(const Function& f) {
    if (const auto* call = f.target<LayerFunction>()) return describe(call->layer());
    require<std::invalid_argument>(
        f.named(), "describe: expected a function that has a name, got a {}; register_function(name, f) gives it one",
        f.name());
    return f.name();
}
inline void from(const Json& j, Shape& out) {
    std::vector<std::int64_t> extents;
    from(j, extents);
    out = Shape(extents.begin(), extents.end());
}
inline Json value(const Shape& shape) { return std::vector(shape.begin(), shape.end()); }
inline void from(const Json& j, DType& out) { out = dtype_from(j.string()); }
inline Json value(DType dtype) { return name_of(dtype); }
template <class T> void from(const Json& j, std::optional<T>& out) {
    if (j.is_null()) out.reset();
    else from(j, out.emplace());
}
template <class Base> void from(const Json& j, Box<Base>& out) {
    if (j.is_string()) {
        out = make<Base>(j.string().c_str());
        return;
    }
    const Config inner(j.at("config"));
    out = make<Base>(j.at("class_name").string().c_str(), &inner);
}
/// A layer inside another; null where there is none. One alone is a list, too.
inline void from(const Json& j, std::shared_ptr<Module>& out) { out = j.is_null() ? nullptr : module_from(j); }
inline Json value(const std::shared_ptr<Module>& layer) { return layer ? describe(*layer) : Json(); }
inline void from(const Json& j, std::vector<std::shared_ptr<Module>>& out) {
    out.clear();
    for (const Json& layer : each_of(j)) out.push_back(module_from(layer));
}
inline Json value(const std::vector<std::shared_ptr<Module>>& layers) {
    auto list = Json::array();
    for (const auto& layer : layers) list.push_back(describe(*layer));
    return list;
}
template <Plain T> Json value(const T& v) {
    if constexpr (std::floating_point<T>)
        if (!std::isfinite(v)) return fmt::format("{}", v);
    return v;
}
inline Json value(const std::vector<std::string>& v) { return v; }
template <class T> Json value(const std::optional<T>& v) { return v ? value(*v) : Json(); }
/// An object as Keras writes it: its class and its settings. Throws for a class that could not be made from them again.
template <class Base> Json value(const Box<Base>& object) {
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
    const Json* setting = config.json().find(name);
    constexpr bool nullable = std::same_as<T, Function> || requires { out.has_value(); };
    if (!setting || (setting->is_null() && !nullable)) return;
    try {
        from(*setting, out);
    } catch (const std::invalid_argument& e) {
        const std::string text = e.what();
        if (!text.starts_with("expected")) throw;
        xg::fail<std::invalid_argument>("{}: {} for {}", what, text, name);
    }
}

}  // namespace xg
