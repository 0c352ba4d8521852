#include "depthwise_convolution.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(DepthwiseConvLayerOptions& o, F&& field) {
    field("kernel_size", o.kernel_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("depth_multiplier", o.depth_multiplier);
    field("data_format", o.data_format);
    field("dilation_rate", o.dilation_rate);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    depthwise_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

DepthwiseConvolution::DepthwiseConvolution(int rank, const char* layer, DepthwiseConvLayerOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    const auto& o = options_;
    adopt(o.activation);
    require<std::invalid_argument>(o.depth_multiplier > 0, "{}: expected depth_multiplier > 0, got {}", layer,
                                   o.depth_multiplier);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    options_.padding = detail::padding_named(layer, o.padding, false);
}
DepthwiseConvLayerOptions DepthwiseConvolution::with(PerAxis kernel_size, DepthwiseConvLayerOptions options) {
    options.kernel_size = kernel_size;
    return options;
}

void DepthwiseConvolution::build(const Shape& input) {
    const auto channels = channels_of(input);
    require(channels > 0, "expected at least one channel, got input {}", input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(channels);
    kernel.push_back(options_.depth_multiplier);
    const auto& o = options_;
    kernel_ = parameter("kernel", kernel, o.depthwise_initializer, o.depthwise_regularizer, o.depthwise_constraint);
    if (o.use_bias)
        bias_ = parameter("bias", {channels * o.depth_multiplier}, o.bias_initializer, o.bias_regularizer,
                          o.bias_constraint);
}
Tensor DepthwiseConvolution::forward(const Tensor& x) {
    expect_channels(kernel_.shape()[rank_], x.shape());
    return regularized(options_.activation(SpatialLayer::forward(x)), options_.activity_regularizer);
}
Tensor DepthwiseConvolution::apply(const Tensor& x) {
    const Tensor y = depthwise_conv(x, kernel_, {options_.strides, options_.padding, options_.dilation_rate});
    return bias_.defined() ? y + bias_ : y;
}
void DepthwiseConvolution::describe(Config& config) const { write(config, options_); }
DepthwiseConvLayerOptions DepthwiseConvolution::read_options(const char* layer, const Config& config) {
    return read<DepthwiseConvLayerOptions>(layer, config);
}

}  // namespace xg
