#include "config.h"
#include "module.h"

namespace xg {

Config::Config() : settings_(new detail::Settings) {}
Config::Config(const Config& o) : settings_(new detail::Settings(*o.settings_)) {}
Config::Config(Config&&) noexcept = default;
Config::~Config() = default;
Config& Config::operator=(Config o) noexcept {
    settings_.swap(o.settings_);
    return *this;
}

std::string Config::text() const { return json().dump(); }
Config Config::parse(const std::string& text) { return Config(parse_object("Config", text)); }

nlohmann::json parse_object(const char* who, std::string_view text) {
    const auto shallow = [who](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
        require<std::invalid_argument>(depth <= deepest_json, "{}: expected JSON nested at most {} deep, got more", who,
                                       deepest_json);
        return true;
    };
    auto json = nlohmann::json::parse(text, shallow, false);
    require<std::invalid_argument>(json.is_object(), "{}: expected a JSON object, got {}", who, text.substr(0, 60));
    return json;
}

template <class T> void detail::SettingOf<T>::set(Config& config, const std::string& name, const T& setting) {
    config.json()[name] = value(setting);
}
void Config::set(const std::string& name, const Module& layer) { json()[name] = xg::describe(layer); }

bool Config::contains(const std::string& name) const {
    settings_->read.insert(name);
    return json().contains(name);
}
template <class T> T detail::SettingOf<T>::get(const Config& config, const std::string& name) {
    require<std::invalid_argument>(config.contains(name), "Config: expected a setting \"{}\", got none", name);
    const auto& json = config.json()[name];
    T out{};
    if constexpr (requires { typename T::allocator_type; })
        if (json.is_null()) return out;  // a list of nothing
    try {
        from(json, out);
    } catch (const nlohmann::json::exception&) {
        xg::fail<std::invalid_argument>("Config: expected another type for \"{}\", got {}", name, json.dump());
    } catch (const std::invalid_argument& e) {
        xg::fail<std::invalid_argument>("Config: {} for \"{}\"", std::string(e.what()), name);
    }
    return out;
}
template struct detail::SettingOf<bool>;
template struct detail::SettingOf<int>;
template struct detail::SettingOf<std::int64_t>;
template struct detail::SettingOf<float>;
template struct detail::SettingOf<double>;
template struct detail::SettingOf<std::string>;
template struct detail::SettingOf<Shape>;
template struct detail::SettingOf<DType>;
template struct detail::SettingOf<Function>;
template struct detail::SettingOf<std::vector<int>>;
template struct detail::SettingOf<std::vector<std::int64_t>>;
template struct detail::SettingOf<std::vector<double>>;
template struct detail::SettingOf<std::vector<std::string>>;

std::shared_ptr<Module> Config::layer(const std::string& name) const {
    require<std::invalid_argument>(contains(name), "Config: expected a setting \"{}\", got none", name);
    return module_from(json()[name]);
}
void Config::expect_all_read(const std::string& what) const {
    const auto& read = settings_->read;
    for (auto& [name, ignored] : json().items())
        expect_known(what.c_str(), name, std::vector(read.begin(), read.end()));
}

}  // namespace xg
