// Every layer by its name: one line a layer.
#include "config.h"
#include "layers.h"

namespace xg {

namespace {
std::map<std::string, ModuleMaker>& modules() {
    static std::map<std::string, ModuleMaker> makers{
        {"Activation", made<Activation>},
        {"AdaptiveAveragePooling1D", made<AdaptiveAveragePooling1D>},
        {"AdaptiveAveragePooling2D", made<AdaptiveAveragePooling2D>},
        {"AdaptiveAveragePooling3D", made<AdaptiveAveragePooling3D>},
        {"AdaptiveMaxPooling1D", made<AdaptiveMaxPooling1D>},
        {"AdaptiveMaxPooling2D", made<AdaptiveMaxPooling2D>},
        {"AdaptiveMaxPooling3D", made<AdaptiveMaxPooling3D>},
        {"AveragePooling1D", made<AveragePooling1D>},
        {"AveragePooling2D", made<AveragePooling2D>},
        {"AveragePooling3D", made<AveragePooling3D>},
        {"Conv1D", made<Conv1D>},
        {"Conv1DTranspose", made<Conv1DTranspose>},
        {"Conv2D", made<Conv2D>},
        {"Conv2DTranspose", made<Conv2DTranspose>},
        {"Conv3D", made<Conv3D>},
        {"Conv3DTranspose", made<Conv3DTranspose>},
        {"Cropping1D", made<Cropping1D>},
        {"Cropping2D", made<Cropping2D>},
        {"Cropping3D", made<Cropping3D>},
        {"Dense", made<Dense>},
        {"DepthwiseConv1D", made<DepthwiseConv1D>},
        {"DepthwiseConv2D", made<DepthwiseConv2D>},
        {"Dropout", made<Dropout>},
        {"ELU", made<ELU>},
        {"Flatten", made<Flatten>},
        {"GlobalAveragePooling1D", made<GlobalAveragePooling1D>},
        {"GlobalAveragePooling2D", made<GlobalAveragePooling2D>},
        {"GlobalAveragePooling3D", made<GlobalAveragePooling3D>},
        {"GlobalMaxPooling1D", made<GlobalMaxPooling1D>},
        {"GlobalMaxPooling2D", made<GlobalMaxPooling2D>},
        {"GlobalMaxPooling3D", made<GlobalMaxPooling3D>},
        {"Identity", made<Identity>},
        {"Input", made<Input>},
        {"LeakyReLU", made<LeakyReLU>},
        {"MaxPooling1D", made<MaxPooling1D>},
        {"MaxPooling2D", made<MaxPooling2D>},
        {"MaxPooling3D", made<MaxPooling3D>},
        {"ReLU", made<ReLU>},
        {"Reshape", made<Reshape>},
        {"SeparableConv1D", made<SeparableConv1D>},
        {"SeparableConv2D", made<SeparableConv2D>},
        {"Sequential", made<Sequential>},
        {"Softmax", made<Softmax>},
        {"UpSampling1D", made<UpSampling1D>},
        {"UpSampling2D", made<UpSampling2D>},
        {"UpSampling3D", made<UpSampling3D>},
        {"ZeroPadding1D", made<ZeroPadding1D>},
        {"ZeroPadding2D", made<ZeroPadding2D>},
        {"ZeroPadding3D", made<ZeroPadding3D>},
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
