// Every layer by its name: one line a layer.
#include "settings.h"
#include "layers.h"

namespace xg {

namespace {
using Makers = std::map<std::string, std::shared_ptr<Module> (*)(const Config&)>;
const Makers& of_the_library() {
    static const Makers makers{
        {"Activation", made<Activation>},
        {"ActivityRegularization", made<ActivityRegularization>},
        {"AdaptiveAveragePooling1D", made<AdaptiveAveragePooling1D>},
        {"AdaptiveAveragePooling2D", made<AdaptiveAveragePooling2D>},
        {"AdaptiveAveragePooling3D", made<AdaptiveAveragePooling3D>},
        {"AdaptiveMaxPooling1D", made<AdaptiveMaxPooling1D>},
        {"AdaptiveMaxPooling2D", made<AdaptiveMaxPooling2D>},
        {"AdaptiveMaxPooling3D", made<AdaptiveMaxPooling3D>},
        {"Add", made<Add>},
        {"AdditiveAttention", made<AdditiveAttention>},
        {"AlphaDropout", made<AlphaDropout>},
        {"Attention", made<Attention>},
        {"Average", made<Average>},
        {"AveragePooling1D", made<AveragePooling1D>},
        {"AveragePooling2D", made<AveragePooling2D>},
        {"AveragePooling3D", made<AveragePooling3D>},
        {"BatchNormalization", made<BatchNormalization>},
        {"Bidirectional", made<Bidirectional>},
        {"CategoryEncoding", made<CategoryEncoding>},
        {"CenterCrop", made<CenterCrop>},
        {"Concatenate", made<Concatenate>},
        {"Conv1D", made<Conv1D>},
        {"Conv1DTranspose", made<Conv1DTranspose>},
        {"Conv2D", made<Conv2D>},
        {"Conv2DTranspose", made<Conv2DTranspose>},
        {"Conv3D", made<Conv3D>},
        {"Conv3DTranspose", made<Conv3DTranspose>},
        {"ConvLSTM1D", made<ConvLSTM1D>},
        {"ConvLSTM2D", made<ConvLSTM2D>},
        {"ConvLSTM3D", made<ConvLSTM3D>},
        {"Cropping1D", made<Cropping1D>},
        {"Cropping2D", made<Cropping2D>},
        {"Cropping3D", made<Cropping3D>},
        {"Dense", made<Dense>},
        {"DepthwiseConv1D", made<DepthwiseConv1D>},
        {"DepthwiseConv2D", made<DepthwiseConv2D>},
        {"Discretization", made<Discretization>},
        {"Divide", made<Divide>},
        {"Dot", made<Dot>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"EinsumDense", made<EinsumDense>},
        {"Embedding", made<Embedding>},
        {"Flatten", made<Flatten>},
        {"Functional", made<Functional>},
        {"GRU", made<GRU>},
        {"GRUCell", made<GRUCell>},
        {"GaussianDropout", made<GaussianDropout>},
        {"GaussianNoise", made<GaussianNoise>},
        {"GlobalAveragePooling1D", made<GlobalAveragePooling1D>},
        {"GlobalAveragePooling2D", made<GlobalAveragePooling2D>},
        {"GlobalAveragePooling3D", made<GlobalAveragePooling3D>},
        {"GlobalMaxPooling1D", made<GlobalMaxPooling1D>},
        {"GlobalMaxPooling2D", made<GlobalMaxPooling2D>},
        {"GlobalMaxPooling3D", made<GlobalMaxPooling3D>},
        {"GroupNormalization", made<GroupNormalization>},
        {"GroupQueryAttention", made<GroupQueryAttention>},
        {"Hashing", made<Hashing>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"IntegerLookup", made<IntegerLookup>},
        {"LSTM", made<LSTM>},
        {"LSTMCell", made<LSTMCell>},
        {"Lambda", made<Lambda>},
        {"LayerNormalization", made<LayerNormalization>},
        {"LeakyReLU", made<LeakyReLU>},
        {"Masking", made<Masking>},
        {"MaxPooling1D", made<MaxPooling1D>},
        {"MaxPooling2D", made<MaxPooling2D>},
        {"MaxPooling3D", made<MaxPooling3D>},
        {"Maximum", made<Maximum>},
        {"Minimum", made<Minimum>},
        {"MultiHeadAttention", made<MultiHeadAttention>},
        {"Multiply", made<Multiply>},
        {"Normalization", made<Normalization>},
        {"PReLU", made<PReLU>},
        {"Permute", made<Permute>},
        {"PositionEmbedding", made<PositionEmbedding>},
        {"RMSNormalization", made<RMSNormalization>},
        {"RNN", made<RNN>},
        {"RandomBrightness", made<RandomBrightness>},
        {"RandomContrast", made<RandomContrast>},
        {"RandomCrop", made<RandomCrop>},
        {"RandomFlip", made<RandomFlip>},
        {"RandomRotation", made<RandomRotation>},
        {"RandomTranslation", made<RandomTranslation>},
        {"RandomZoom", made<RandomZoom>},
        {"ReLU", made<ReLU>},
        {"RepeatVector", made<RepeatVector>},
        {"Rescaling", made<Rescaling>},
        {"Reshape", made<Reshape>},
        {"Resizing", made<Resizing>},
        {"RotaryEmbedding", made<RotaryEmbedding>},
        {"SeparableConv1D", made<SeparableConv1D>},
        {"SeparableConv2D", made<SeparableConv2D>},
        {"Sequential", made<Sequential>},
        {"SimpleRNN", made<SimpleRNN>},
        {"SimpleRNNCell", made<SimpleRNNCell>},
        {"SinePositionEncoding", made<SinePositionEncoding>},
        {"Softmax", made<Softmax>},
        {"SpatialDropout1D", made<SpatialDropout1D>},
        {"SpatialDropout2D", made<SpatialDropout2D>},
        {"SpatialDropout3D", made<SpatialDropout3D>},
        {"SpectralNormalization", made<SpectralNormalization>},
        {"StackedRNNCells", made<StackedRNNCells>},
        {"StringLookup", made<StringLookup>},
        {"Subtract", made<Subtract>},
        {"TextVectorization", made<TextVectorization>},
        {"TimeDistributed", made<TimeDistributed>},
        {"TransformerDecoder", made<TransformerDecoder>},
        {"TransformerEncoder", made<TransformerEncoder>},
        {"UnitNormalization", made<UnitNormalization>},
        {"UpSampling1D", made<UpSampling1D>},
        {"UpSampling2D", made<UpSampling2D>},
        {"UpSampling3D", made<UpSampling3D>},
        {"ZeroPadding1D", made<ZeroPadding1D>},
        {"ZeroPadding2D", made<ZeroPadding2D>},
        {"ZeroPadding3D", made<ZeroPadding3D>},
    };
    return makers;
}
/// Keras' other names of the same layers.
std::string canonical(const std::string& name) {
    static const std::map<std::string, std::string> others{{"AvgPool1D", "AveragePooling1D"},
                                                           {"AvgPool2D", "AveragePooling2D"},
                                                           {"AvgPool3D", "AveragePooling3D"},
                                                           {"Convolution1D", "Conv1D"},
                                                           {"Convolution1DTranspose", "Conv1DTranspose"},
                                                           {"Convolution2D", "Conv2D"},
                                                           {"Convolution2DTranspose", "Conv2DTranspose"},
                                                           {"Convolution3D", "Conv3D"},
                                                           {"Convolution3DTranspose", "Conv3DTranspose"},
                                                           {"GlobalAvgPool1D", "GlobalAveragePooling1D"},
                                                           {"GlobalAvgPool2D", "GlobalAveragePooling2D"},
                                                           {"GlobalAvgPool3D", "GlobalAveragePooling3D"},
                                                           {"GlobalMaxPool1D", "GlobalMaxPooling1D"},
                                                           {"GlobalMaxPool2D", "GlobalMaxPooling2D"},
                                                           {"GlobalMaxPool3D", "GlobalMaxPooling3D"},
                                                           {"GroupedQueryAttention", "GroupQueryAttention"},
                                                           {"MaxPool1D", "MaxPooling1D"},
                                                           {"MaxPool2D", "MaxPooling2D"},
                                                           {"MaxPool3D", "MaxPooling3D"},
                                                           {"SeparableConvolution1D", "SeparableConv1D"},
                                                           {"SeparableConvolution2D", "SeparableConv2D"}};
    const auto found = others.find(name);
    return found == others.end() ? name : found->second;
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
namespace {
std::shared_ptr<Module> made_by_name(const std::string& name, const Config& config) {
    for (auto& custom : of_users())
        if (custom.name == name) return custom.make(config);
    if (const auto found = of_the_library().find(canonical(name)); found != of_the_library().end())
        return found->second(config);
    fail<std::invalid_argument>("make_module: expected a registered layer, got \"{}\"", name);
}
}  // namespace
std::shared_ptr<Module> make_module(const std::string& name, const Config& config) {
    auto module = made_by_name(name, config);
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
Json describe(const Module& module) {
    Config config;
    module.describe(config);
    if (module.frozen()) config.json()["trainable"] = false;
    return {{"class_name", registered_name(module)}, {"config", config.json()}};
}
std::shared_ptr<Module> module_from(const Json& j) {
    return make_module(j.at("class_name").get<std::string>(), Config(j.at("config")));
}

}  // namespace xg
