// Every layer by its name: one line a layer.
#include "config.h"
#include "layers.h"

namespace xg {

namespace {
using Makers = std::map<std::string, std::shared_ptr<Module> (*)(const Config&)>;
const Makers& of_the_library() {
    static const Makers makers{
        {"Activation", made<Activation>},
        {"Add", made<Add>},
        {"Average", made<Average>},
        {"CategoryEncoding", made<CategoryEncoding>},
        {"CenterCrop", made<CenterCrop>},
        {"Concatenate", made<Concatenate>},
        {"Dense", made<Dense>},
        {"Discretization", made<Discretization>},
        {"Divide", made<Divide>},
        {"Dot", made<Dot>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"Flatten", made<Flatten>},
        {"Functional", made<Functional>},
        {"Hashing", made<Hashing>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"IntegerLookup", made<IntegerLookup>},
        {"Lambda", made<Lambda>},
        {"LeakyReLU", made<LeakyReLU>},
        {"Maximum", made<Maximum>},
        {"Minimum", made<Minimum>},
        {"Multiply", made<Multiply>},
        {"Normalization", made<Normalization>},
        {"Permute", made<Permute>},
        {"RandomBrightness", made<RandomBrightness>},
        {"RandomContrast", made<RandomContrast>},
        {"RandomCrop", made<RandomCrop>},
        {"RandomFlip", made<RandomFlip>},
        {"RandomRotation", made<RandomRotation>},
        {"RandomTranslation", made<RandomTranslation>},
        {"RandomZoom", made<RandomZoom>},
        {"ReLU", made<ReLU>},
        {"Rescaling", made<Rescaling>},
        {"Reshape", made<Reshape>},
        {"Resizing", made<Resizing>},
        {"Sequential", made<Sequential>},
        {"Softmax", made<Softmax>},
        {"StringLookup", made<StringLookup>},
        {"Subtract", made<Subtract>},
        {"TextVectorization", made<TextVectorization>},
    };
    return makers;
}
struct Custom {
    std::string name;
    const std::type_info* type;
    detail::ModuleMaker make;
};
std::vector<Custom>& of_users() {
    static std::vector<Custom> layers;
    return layers;
}
}  // namespace

void detail::register_layer(const std::string& name, const std::type_info& type, ModuleMaker maker) {
    bool taken = of_the_library().contains(name);
    for (auto& other : of_users()) taken |= other.name == name && *other.type != type;
    require<std::invalid_argument>(!taken, "register_layer: expected a name of its own, got \"{}\", which is taken",
                                   name);
    std::erase_if(of_users(), [&](const Custom& other) { return *other.type == type; });
    of_users().push_back({name, &type, std::move(maker)});
}
std::vector<std::string> library_modules() {
    std::vector<std::string> names;
    for (auto& [name, maker] : of_the_library()) names.push_back(name);
    return names;
}
std::shared_ptr<Module> make_module(const std::string& name, const Config& config) {
    std::shared_ptr<Module> module;
    if (const auto found = of_the_library().find(name); found != of_the_library().end()) module = found->second(config);
    for (auto& custom : of_users())
        if (custom.name == name) module = custom.make(config);
    require<std::invalid_argument>(bool(module), "make_module: expected a registered layer, got \"{}\"", name);
    if (!config.json().value("trainable", true)) module->freeze();
    return module;
}
std::string registered_name(const Module& module) {
    for (auto& custom : of_users())
        if (*custom.type == typeid(module)) return custom.name;
    const std::string name = module.type();
    const bool ours =
        typeid(module).name() == fmt::format("N2xg{}{}E", name.size(), name);  // not of a user's namespace
    require<std::invalid_argument>(
        ours && of_the_library().contains(name),
        "{}: expected a registered class, got another; register_layer<{}>(\"{}\") makes it one", name, name, name);
    return name;
}
nlohmann::json describe(const Module& module) {
    Config config;
    module.describe(config);
    return {{"class_name", registered_name(module)}, {"config", config.json()}};
}
std::shared_ptr<Module> module_from(const nlohmann::json& j) {
    return make_module(j.at("class_name").get<std::string>(), Config(j.at("config")));
}

}  // namespace xg
