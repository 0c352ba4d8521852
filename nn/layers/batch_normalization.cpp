#include "batch_normalization.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/normalization.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(BatchNormalizationOptions& o, F&& field) {
    field("axis", o.axis);
    field("momentum", o.momentum);
    field("epsilon", o.epsilon);
    affine_fields(o, field);
    field("moving_mean_initializer", o.moving_mean_initializer);
    field("moving_variance_initializer", o.moving_variance_initializer);
    field("unbiased", o.unbiased);
}

BatchNormalization::BatchNormalization(BatchNormalizationOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(0 <= options_.momentum && options_.momentum <= 1,
                                   "BatchNormalization: expected 0 <= momentum <= 1, got {}", options_.momentum);
    require<std::invalid_argument>(options_.epsilon > 0, "BatchNormalization: expected epsilon > 0, got {}",
                                   options_.epsilon);
}
void BatchNormalization::build(const Shape& input) {
    require(input.rank() >= 2, "expected input (batch, ..., channels), got {}", input);
    const Shape shape{input[normalize_axis(options_.axis, input.rank(), "BatchNormalization")]};
    const auto& o = options_;
    if (o.scale) gamma_ = parameter("gamma", shape, o.gamma_initializer, o.gamma_regularizer, o.gamma_constraint);
    if (o.center) beta_ = parameter("beta", shape, o.beta_initializer, o.beta_regularizer, o.beta_constraint);
    moving_mean_ = buffer("moving_mean", shape, o.moving_mean_initializer);
    moving_variance_ = buffer("moving_variance", shape, o.moving_variance_initializer);
}
Tensor BatchNormalization::forward(const Tensor& x) {
    const auto channels = moving_mean_.shape()[0];
    const int axis = normalize_axis(options_.axis, x.rank(), "BatchNormalization");
    require(x.shape()[axis] == channels, "expected axis {} of {}, got input {}", options_.axis, channels, x.shape());
    if (!Training::on() || frozen()) return inference(x);
    const BatchNormalized result =
        batch_norm(x, gamma_, beta_, {.axis = axis, .epsilon = options_.epsilon, .mask = x.mask()});
    NoGrad unrecorded;
    const double keep = options_.momentum;
    const Tensor variance = options_.unbiased ? result.variance * bessel(x) : result.variance;
    moving_mean_.assign(moving_mean_ * keep + result.mean * (1 - keep), "BatchNormalization");
    moving_variance_.assign(moving_variance_ * keep + variance * (1 - keep), "BatchNormalization");
    return result.y;
}
/// n / (n - 1) for the n values of a channel that count.
double BatchNormalization::bessel(const Tensor& x) const {
    double n = double(x.numel() / moving_mean_.numel());
    if (const Tensor mask = x.mask(); mask.defined()) {
        require(normalize_axis(options_.axis, x.rank(), "BatchNormalization") >= mask.rank(),
                "expected a mask before the channels for an unbiased variance, got {} for input {}", mask.shape(),
                x.shape());
        n *= mean(mask.to(f64)).item();
    }
    require(n > 1, "expected more than one value a channel for an unbiased variance, got input {}", x.shape());
    return n / (n - 1);
}
Tensor BatchNormalization::inference(const Tensor& x) const {
    Tensor scale = rsqrt(moving_variance_ + options_.epsilon);
    if (gamma_.defined()) scale = scale * gamma_;
    const Tensor moved = moving_mean_.detach().copy() * scale;  // training may go on before the backward pass
    const Tensor shift = beta_.defined() ? beta_ - moved : -moved;
    Shape shape;  // along the channels
    for (int a = normalize_axis(options_.axis, x.rank(), "BatchNormalization"); a < x.rank(); ++a)
        shape.push_back(shape.rank() ? 1 : x.shape()[a]);
    return x * reshape(scale, shape) + reshape(shift, shape);
}
void BatchNormalization::describe(Config& config) const { write(config, options_); }
BatchNormalization BatchNormalization::from_config(const Config& config) {
    return BatchNormalization(read<BatchNormalizationOptions>("BatchNormalization", config));
}

}  // namespace xg
