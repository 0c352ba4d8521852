#include "activation.h"
#include <limits>
#include "../../autograd/ops/arithmetic.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ReluOptions& o, F&& field) {
    field("max_value", o.max_value);
    field("negative_slope", o.negative_slope);
    field("threshold", o.threshold);
}
template <class F> void fields(LeakyReLUOptions& o, F&& field) { field("negative_slope", o.negative_slope); }
template <class F> void fields(EluOptions& o, F&& field) { field("alpha", o.alpha); }
template <class F> void fields(SoftmaxOptions& o, F&& field) { field("axis", o.axis); }

void Activation::describe(Config& config) const { config.json["activation"] = f_.name(); }
Activation Activation::from_config(const Config& config) {
    return Activation(Function(config.json.at("activation").get<std::string>()));
}

ReLU::ReLU(ReluOptions options) : options_(options) {
    const auto& o = options_;
    require<std::invalid_argument>(o.max_value >= 0 && o.negative_slope >= 0 && o.threshold >= 0,
                                   "ReLU: expected max_value, negative_slope and threshold >= 0, got {}, {} and {}",
                                   o.max_value, o.negative_slope, o.threshold);
}
void ReLU::describe(Config& config) const { write(config, options_); }
ReLU ReLU::from_config(const Config& config) { return ReLU(read<ReluOptions>("ReLU", config)); }
LeakyReLU::LeakyReLU(LeakyReLUOptions options) : options_(options) {
    require<std::invalid_argument>(options.negative_slope >= 0, "LeakyReLU: expected negative_slope >= 0, got {}",
                                   options.negative_slope);
}
void LeakyReLU::describe(Config& config) const { write(config, options_); }
LeakyReLU LeakyReLU::from_config(const Config& config) {
    return LeakyReLU(read<LeakyReLUOptions>("LeakyReLU", config));
}
void ELU::describe(Config& config) const { write(config, options_); }
ELU ELU::from_config(const Config& config) { return ELU(read<EluOptions>("ELU", config)); }
Tensor Softmax::forward(const Tensor& x) { return softmax(x, Axes(options_.axis.begin(), options_.axis.end())); }
Tensor Softmax::forward(const Tensors& in) {
    require<std::invalid_argument>(in.size() == 2 && in[1].dtype() == boolean,
                                   "expected x and a mask of dtype bool, got {} inputs, the second of {}", in.size(),
                                   name_of(in[1].dtype()));
    // Where all is masked the shares are 0 as well, not the even ones of equal numbers.
    const Tensor shares = forward(where(in[1], in[0], std::numeric_limits<float>::lowest()));
    return where(in[1], shares, 0);
}
void Softmax::describe(Config& config) const { write(config, options_); }
Softmax Softmax::from_config(const Config& config) { return Softmax(read<SoftmaxOptions>("Softmax", config)); }

}  // namespace xg
