#include "activation.h"
#include <limits>
#include "../../autograd/ops/arithmetic.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ActivationOptions& o, F&& field) { field("activation", o.activation); }
template <class F> void fields(ReluOptions& o, F&& field) {
    field("max_value", o.max_value);
    field("negative_slope", o.negative_slope);
    field("threshold", o.threshold);
}
template <class F> void fields(LeakyReLUOptions& o, F&& field) { field("negative_slope", o.negative_slope); }
template <class F> void fields(EluOptions& o, F&& field) { field("alpha", o.alpha); }
template <class F> void fields(PReLUOptions& o, F&& field) {
    field("alpha_initializer", o.alpha_initializer);
    field("alpha_regularizer", o.alpha_regularizer);
    field("alpha_constraint", o.alpha_constraint);
    field("shared_axes", o.shared_axes);
}
template <class F> void fields(SoftmaxOptions& o, F&& field) { field("axis", o.axis); }

void Activation::describe(Config& config) const { write(config, ActivationOptions{f_}); }
Activation Activation::from_config(const Config& config) {
    return Activation(read<ActivationOptions>("Activation", config).activation);
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
void PReLU::build(const Shape& input) {
    require(input.rank() >= 2, "expected input (batch, ..., features), got {}", input);
    Shape shape(input.begin() + 1, input.end());
    for (int axis : options_.shared_axes) {
        const int a = normalize_axis(axis, input.rank(), "shared_axes");
        require<std::invalid_argument>(a > 0, "expected shared_axes other than the batch's, got {}", axis);
        shape[a - 1] = 1;
    }
    const auto& o = options_;
    alpha_ = parameter("alpha", shape, o.alpha_initializer, o.alpha_regularizer, o.alpha_constraint);
}
Tensor PReLU::forward(const Tensor& x) {
    const Shape &a = alpha_.shape(), &s = x.shape();
    bool fits = x.rank() == a.rank() + 1;
    for (int i = 0; fits && i < a.rank(); ++i) fits = a[i] == 1 || a[i] == s[i + 1];
    require(fits, "expected input (batch, ...) for alpha {}, got {}", a, s);
    return prelu(x, alpha_);
}
void PReLU::describe(Config& config) const { write(config, options_); }
PReLU PReLU::from_config(const Config& config) { return PReLU(read<PReLUOptions>("PReLU", config)); }
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
