#include "separable_convolution.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(SeparableConvLayerOptions& o, F&& field) {
    field("filters", o.filters);
    field("kernel_size", o.kernel_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("data_format", o.data_format);
    field("dilation_rate", o.dilation_rate);
    field("depth_multiplier", o.depth_multiplier);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    depthwise_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

SeparableConvolution::SeparableConvolution(int rank, const char* layer, SeparableConvLayerOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    const auto& o = options_;
    adopt(o.activation);
    require<std::invalid_argument>(o.filters > 0 && o.depth_multiplier > 0,
                                   "{}: expected filters and depth_multiplier > 0, got {} and {}", layer, o.filters,
                                   o.depth_multiplier);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    options_.padding = detail::padding_named(layer, o.padding, false);
}
SeparableConvLayerOptions SeparableConvolution::with(std::int64_t filters, PerAxis kernel_size,
                                                     SeparableConvLayerOptions options) {
    options.filters = filters;
    options.kernel_size = kernel_size;
    return options;
}

void SeparableConvolution::build(const Shape& input) {
    const auto channels = channels_of(input);
    require(channels > 0, "expected at least one channel, got input {}", input);
    Shape depthwise = options_.kernel_size.for_axes(rank_), pointwise = PerAxis(1).for_axes(rank_);
    depthwise.push_back(channels);
    depthwise.push_back(options_.depth_multiplier);
    pointwise.push_back(channels * options_.depth_multiplier);
    pointwise.push_back(options_.filters);
    const auto& o = options_;
    depthwise_kernel_ = parameter("depthwise_kernel", depthwise, o.depthwise_initializer, o.depthwise_regularizer,
                                  o.depthwise_constraint);
    pointwise_kernel_ = parameter("pointwise_kernel", pointwise, o.pointwise_initializer, o.pointwise_regularizer,
                                  o.pointwise_constraint);
    if (o.use_bias) bias_ = parameter("bias", {o.filters}, o.bias_initializer, o.bias_regularizer, o.bias_constraint);
}
Tensor SeparableConvolution::forward(const Tensor& x) {
    expect_channels(depthwise_kernel_.shape()[rank_], x.shape());
    return regularized(options_.activation(SpatialLayer::forward(x)), options_.activity_regularizer);
}
Tensor SeparableConvolution::apply(const Tensor& x) {
    const Tensor y = separable_conv(x, depthwise_kernel_, pointwise_kernel_,
                                    {options_.strides, options_.padding, options_.dilation_rate});
    return bias_.defined() ? y + bias_ : y;
}
void SeparableConvolution::describe(Config& config) const { write(config, options_); }
SeparableConvLayerOptions SeparableConvolution::read_options(const char* layer, const Config& config) {
    return read<SeparableConvLayerOptions>(layer, config);
}

}  // namespace xg
