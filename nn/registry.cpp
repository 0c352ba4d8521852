// Every layer by its name: one line a layer.
#include "config.h"
#include "layers.h"

namespace xg {

namespace {
std::map<std::string, ModuleMaker>& modules() {
    static std::map<std::string, ModuleMaker> makers{
        {"Activation", made<Activation>},
        {"AdditiveAttention", made<AdditiveAttention>},
        {"Attention", made<Attention>},
        {"BatchNormalization", made<BatchNormalization>},
        {"Dense", made<Dense>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"EinsumDense", made<EinsumDense>},
        {"Flatten", made<Flatten>},
        {"GroupNormalization", made<GroupNormalization>},
        {"GroupQueryAttention", made<GroupQueryAttention>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"LayerNormalization", made<LayerNormalization>},
        {"LeakyReLU", made<LeakyReLU>},
        {"MultiHeadAttention", made<MultiHeadAttention>},
        {"PositionEmbedding", made<PositionEmbedding>},
        {"RMSNormalization", made<RMSNormalization>},
        {"ReLU", made<ReLU>},
        {"Reshape", made<Reshape>},
        {"RotaryEmbedding", made<RotaryEmbedding>},
        {"Sequential", made<Sequential>},
        {"SinePositionEncoding", made<SinePositionEncoding>},
        {"Softmax", made<Softmax>},
        {"SpectralNormalization", made<SpectralNormalization>},
        {"TransformerDecoder", made<TransformerDecoder>},
        {"TransformerEncoder", made<TransformerEncoder>},
        {"UnitNormalization", made<UnitNormalization>},
    };
    return makers;
}
}  // namespace

void register_module(const std::string& name, ModuleMaker maker) { modules()[name] = maker; }
std::shared_ptr<Module> make_module(const std::string& name, const Config& config) {
    const auto found = modules().find(name);
    require<std::invalid_argument>(found != modules().end(), "make_module: expected a registered layer, got \"{}\"",
                                   name);
    auto module = found->second(config);
    if (!config.json.value("trainable", true)) module->freeze();
    return module;
}

}  // namespace xg
