// Every layer by its name: one line a layer.
#include "config.h"
#include "layers.h"

namespace xg {

namespace {
std::map<std::string, ModuleMaker>& modules() {
    static std::map<std::string, ModuleMaker> makers{
        {"Activation", made<Activation>},
        {"AlphaDropout", made<AlphaDropout>},
        {"Dense", made<Dense>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"Flatten", made<Flatten>},
        {"GaussianDropout", made<GaussianDropout>},
        {"GaussianNoise", made<GaussianNoise>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"LeakyReLU", made<LeakyReLU>},
        {"PReLU", made<PReLU>},
        {"ReLU", made<ReLU>},
        {"Reshape", made<Reshape>},
        {"Sequential", made<Sequential>},
        {"Softmax", made<Softmax>},
        {"SpatialDropout1D", made<SpatialDropout1D>},
        {"SpatialDropout2D", made<SpatialDropout2D>},
        {"SpatialDropout3D", made<SpatialDropout3D>},
    };
    return makers;
}
}  // namespace

void register_module(const std::string& name, ModuleMaker maker) { modules()[name] = maker; }
std::shared_ptr<Module> make_module(const std::string& name, const Config& config) {
    const auto found = modules().find(name);
    require<std::invalid_argument>(found != modules().end(), "make_module: expected a registered layer, got \"{}\"",
                                   name);
    return found->second(config);
}

}  // namespace xg
