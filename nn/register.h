#pragma once
// Objects of one's own in saved models: their settings, and their names.
#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <vector>
#include "../autograd/function.h"
#include "../tensor/box.h"

namespace xg {

class Config;
class Json;
class Module;
namespace detail {
struct Settings;
template <class... T> struct OneOf { template <class U> static constexpr bool holds = (std::same_as<T, U> || ...); };
/// Of the types below, and of those that the library's own layers use.
template <class T> struct SettingOf {
    static void set(Config& config, const std::string& name, const T& setting);
    static T get(const Config& config, const std::string& name);
    /// Where there is no such setting, out stays as it is.
    static void read(const char* what, const Config& config, const std::string& name, T& out);
};
using SettingTypes = OneOf<bool, int, std::int64_t, float, double, std::string, Shape, DType, Function,
                           std::vector<int>, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;
}  // namespace detail
/// What a setting may be: a bool, a number, a string, a Shape, a DType, a Function, a list of numbers or of strings.
template <class T>
concept Setting = detail::SettingTypes::holds<T>;

/// The settings of an object by name: what describe() writes and from_config() reads.
class Config {
public:
    Config();
    Config(const Config& o);
    Config(Config&& o) noexcept;
    ~Config();
    Config& operator=(Config o) noexcept;
    /// The settings as JSON text, and back; throws std::invalid_argument where it is none.
    std::string text() const;
    static Config parse(const std::string& text);

    template <Setting T> void set(const std::string& name, const T& value) {
        detail::SettingOf<T>::set(*this, name, value);
    }
    void set(const std::string& name, const char* value) { set(name, std::string(value)); }
    /// A layer inside this one: its class and its settings.
    void set(const std::string& name, const Module& layer);

    bool contains(const std::string& name) const;
    /// Whether the setting is there and stands for nothing.
    bool null(const std::string& name) const;
    Config without(const std::string& name) const;
    /// Throws if there is no such setting, or one of another type.
    template <Setting T> T get(const std::string& name) const { return detail::SettingOf<T>::get(*this, name); }
    template <Setting T> T get(const std::string& name, T otherwise) const {
        return contains(name) ? get<T>(name) : otherwise;
    }
    std::shared_ptr<Module> layer(const std::string& name) const;
    /// Throws if a setting was not asked for: it may be misspelt.
    void expect_all_read(const std::string& what) const;

    explicit Config(Json settings);
    Json& json();
    const Json& json() const;

private:
    std::unique_ptr<detail::Settings> settings_;
};

namespace detail {
using ModuleMaker = std::function<std::shared_ptr<Module>(const Config&)>;
void register_layer(const std::string& name, const std::type_info& type, ModuleMaker maker);

/// A class of a family (losses, metrics, optimizers, initializers, ...) by name.
template <class Base> struct Registered {
    std::string name;
    std::function<Box<Base>(const Config&)> make;
    bool (*is)(const Base&);
    std::function<void(const Base&, Config&)> describe;
};
template <class Base> std::vector<Registered<Base>>& registered() {
    static std::vector<Registered<Base>> classes;
    return classes;
}
template <class T> T from_settings(const std::string& name, const Config& config) {
    const auto made = [&] {
        if constexpr (requires { T::from_config(config); }) return T::from_config(config);
        else return T();
    };
    T object = made();
    config.expect_all_read(name);
    return object;
}
}  // namespace detail

/// Lets models with layers of class M be cloned, saved and loaded. M overrides describe(Config&) and has a static
/// from_config(const Config&), or is default constructible and has no settings.
///     register_layer<Residual>("Residual");
template <std::derived_from<Module> M> void register_layer(const std::string& name) {
    detail::register_layer(name, typeid(M), [name](const Config& config) -> std::shared_ptr<Module> {
        return std::make_shared<M>(detail::from_settings<M>(name, config));
    });
}
/// The same for a loss, a metric, an optimizer, an initializer, ...: register_class<Loss, Pinball>("Pinball"). T has a
/// describe(Config&) const and a static from_config, unless it has no settings.
template <class Base, std::derived_from<Base> T> void register_class(const std::string& name) {
    detail::registered<Base>().push_back(
        {name, [name](const Config& config) { return Box<Base>(detail::from_settings<T>(name, config)); },
         [](const Base& b) { return typeid(b) == typeid(T); },
         [](const Base& b, Config& config) {
             if constexpr (requires(const T& t) { t.describe(config); }) static_cast<const T&>(b).describe(config);
         }});
}

}  // namespace xg
