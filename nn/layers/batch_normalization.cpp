#include "batch_normalization.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/normalization.h"
#include "../config.h"

namespace xg {

template <class F> void fields(BatchNormalizationOptions& o, F&& field) {
    field("axis", o.axis);
    field("momentum", o.momentum);
    field("epsilon", o.epsilon);
    field("center", o.center);
    field("scale", o.scale);
    field("beta_initializer", o.beta_initializer);
    field("gamma_initializer", o.gamma_initializer);
    field("moving_mean_initializer", o.moving_mean_initializer);
    field("moving_variance_initializer", o.moving_variance_initializer);
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
    if (options_.scale) gamma_ = parameter("gamma", shape, options_.gamma_initializer);
    if (options_.center) beta_ = parameter("beta", shape, options_.beta_initializer);
    moving_mean_ = buffer("moving_mean", shape, options_.moving_mean_initializer);
    moving_variance_ = buffer("moving_variance", shape, options_.moving_variance_initializer);
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
    moving_mean_.assign(moving_mean_ * keep + result.mean * (1 - keep), "BatchNormalization");
    moving_variance_.assign(moving_variance_ * keep + result.variance * (1 - keep), "BatchNormalization");
    return result.y;
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
