#include <map>
#include <set>
#include "constraints.h"
#include "initializers.h"
#include "settings.h"
#include "module.h"
#include "regularizers.h"

namespace xg {

struct detail::Settings {
    Json json = Json::object();
    std::set<std::string> read = {};  // the names that were asked for
};
Config::Config() : settings_(new detail::Settings) {}
Config::Config(Json settings) : settings_(new detail::Settings{std::move(settings)}) {}
Config::Config(const Config& o) : settings_(new detail::Settings(*o.settings_)) {}
Config::Config(Config&&) noexcept = default;
Config::~Config() = default;
Config& Config::operator=(Config o) noexcept {
    settings_.swap(o.settings_);
    return *this;
}
Json& Config::json() { return settings_->json; }
const Json& Config::json() const { return settings_->json; }

std::string Config::text() const { return json().dump(); }
Config Config::parse(const std::string& text) { return Config(parse_object("Config", text)); }

Json parse_object(const char* who, std::string_view text) {
    Json json;
    try {
        json = Json::parse(text);
    } catch (const JsonError& e) { fail<std::invalid_argument>("{}: {}", who, std::string(e.what())); }
    require<std::invalid_argument>(json.is_object(), "{}: expected a JSON object, got {}", who, text.substr(0, 60));
    return json;
}

void Config::set(const std::string& name, const Module& layer) { json()[name] = xg::describe(layer); }

bool Config::contains(const std::string& name) const {
    settings_->read.insert(name);
    return json().contains(name);
}
bool Config::null(const std::string& name) const { return contains(name) && json()[name].is_null(); }
Config Config::without(const std::string& name) const {
    Config rest = *this;
    rest.json().erase(name);
    return rest;
}
template <class T> T detail::SettingOf<T>::get(const Config& config, const std::string& name) {
    require<std::invalid_argument>(config.contains(name), "Config: expected a setting \"{}\", got none", name);
    const auto& json = config.json()[name];
    T out{};
    if constexpr (requires { typename T::allocator_type; })
        if (json.is_null()) return out;  // a list of nothing
    try {
        from(json, out);
    } catch (const std::invalid_argument& e) {
        xg::fail<std::invalid_argument>("Config: {} for \"{}\"", std::string(e.what()), name);
    }
    return out;
}
// What a user may set, then what only fields of the library's options are.
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
template struct detail::SettingOf<Box<Initializer>>;
template struct detail::SettingOf<Box<Regularizer>>;
template struct detail::SettingOf<Box<Constraint>>;
template struct detail::SettingOf<std::optional<double>>;
template struct detail::SettingOf<std::optional<std::int64_t>>;
template struct detail::SettingOf<std::optional<std::string>>;
template struct detail::SettingOf<std::optional<std::vector<int>>>;
template struct detail::SettingOf<std::shared_ptr<Module>>;
template struct detail::SettingOf<std::vector<std::shared_ptr<Module>>>;

namespace {
/// Settings of Keras that have no part in a computation here, and those that may only say what holds anyway.
const std::set<std::string> without_part{"name",      "dtype",           "trainable",
                                         "use_cudnn", "flash_attention", "renorm_momentum"};
const std::map<std::string, Json> settled{
    {"activity_regularizer", nullptr},  // of layers without one of their own: ActivityRegularization
    {"arguments", nullptr},
    {"autocast", true},
    {"data_format", "channels_last"},
    {"encoding", "utf-8"},
    {"fill_mode", "constant"},
    {"gptq_unpacked_column_size", nullptr},
    {"input_axes", nullptr},
    {"lora_alpha", nullptr},
    {"lora_rank", nullptr},
    {"mask", nullptr},
    {"oov_method", "floormod"},
    {"output_axes", nullptr},
    {"output_shape", nullptr},
    {"quantization_config", nullptr},
    {"ragged", false},
    {"renorm", false},
    {"renorm_clipping", nullptr},
    {"salt", nullptr},
    {"sparse", false},
    {"synchronized", false},
    {"vocabulary_dtype", "int64"},
    {"weights", nullptr},
};
}  // namespace
void expect_known(const char* what, const Config& config, const std::vector<std::string_view>& known) {
    for (const auto& [name, setting] : config.json().items()) {
        if (std::ranges::find(known, name) != known.end() || without_part.contains(name)) continue;
        const auto found = settled.find(name);
        require<std::invalid_argument>(found != settled.end(), "{}: expected a known setting, got \"{}\"", what, name);
        require<std::invalid_argument>(setting.is_null() || setting == found->second, "{}: expected {} {}, got {}",
                                       what, name, found->second.dump(), setting.dump());
    }
}
std::string snake(const std::string& name) {
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

std::shared_ptr<Module> Config::layer(const std::string& name) const {
    require<std::invalid_argument>(contains(name), "Config: expected a setting \"{}\", got none", name);
    return module_from(json()[name]);
}
void Config::expect_all_read(const std::string& what) const {
    expect_known(what.c_str(), *this, {settings_->read.begin(), settings_->read.end()});
}

}  // namespace xg
