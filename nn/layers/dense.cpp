#include "dense.h"
#include "../config.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(DenseOptions& o, F&& field) {
    field("units", o.units);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

namespace {
Epilogue fused(const std::string& activation) {
    if (activation == "relu") return Epilogue::relu;
    if (activation == "sigmoid") return Epilogue::sigmoid;
    return activation == "tanh" ? Epilogue::tanh : Epilogue::identity;
}
}  // namespace

Dense::Dense(DenseOptions options) : options_(std::move(options)), fused_(fused(options_.activation.name())) {
    require<std::invalid_argument>(options_.units > 0, "Dense: expected units > 0, got {}", options_.units);
    adopt(options_.activation);
}
void Dense::build(const Shape& input) {
    require(input.rank() >= 2, "expected input (batch, ..., features), got {}", input);
    const auto features = input.back();
    const auto& o = options_;
    kernel_ = parameter("kernel", {features, o.units}, o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    if (o.use_bias) bias_ = parameter("bias", {o.units}, o.bias_initializer, o.bias_regularizer, o.bias_constraint);
}
Tensor Dense::forward(const Tensor& x) {
    const auto features = kernel_.shape()[0];
    require(x.rank() >= 2 && x.shape().back() == features, "expected last axis {}, got input {}", features, x.shape());
    const Tensor y = affine(x, kernel_, bias_, fused_);
    return regularized(fused_ == Epilogue::identity ? options_.activation(y) : y, options_.activity_regularizer);
}
void Dense::describe(Config& config) const { write(config, options_); }
Dense Dense::from_config(const Config& config) { return Dense(read<DenseOptions>("Dense", config)); }

}  // namespace xg
