#include "depthwise_convolution.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"

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
    field("depthwise_initializer", o.depthwise_initializer);
    field("bias_initializer", o.bias_initializer);
}

DepthwiseConvolution::DepthwiseConvolution(int rank, const char* layer, DepthwiseConvLayerOptions options)
    : options_(std::move(options)), rank_(rank) {
    const auto& o = options_;
    detail::expect_channels_last(layer, o.data_format);
    require<std::invalid_argument>(o.depth_multiplier > 0, "{}: expected depth_multiplier > 0, got {}", layer,
                                   o.depth_multiplier);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    detail::expect_padding(layer, o.padding, false);
}
DepthwiseConvLayerOptions DepthwiseConvolution::with(PerAxis kernel_size, DepthwiseConvLayerOptions options) {
    options.kernel_size = kernel_size;
    return options;
}

void DepthwiseConvolution::build(const Shape& input) {
    detail::expect_rank(input, rank_);
    const auto channels = input.back();
    require(channels > 0, "expected at least one channel, got input {}", input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(channels);
    kernel.push_back(options_.depth_multiplier);
    kernel_ = parameter("kernel", kernel, options_.depthwise_initializer);
    if (options_.use_bias) bias_ = parameter("bias", {channels * options_.depth_multiplier}, options_.bias_initializer);
}
Tensor DepthwiseConvolution::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), rank_);
    const auto channels = kernel_.shape()[rank_];
    require(x.shape().back() == channels, "expected {} channels, got input {}", channels, x.shape());
    const Tensor y = depthwise_conv(x, kernel_, {options_.strides, options_.padding, options_.dilation_rate});
    return options_.activation(bias_.defined() ? y + bias_ : y);
}
void DepthwiseConvolution::describe(Config& config) const { write(config, options_); }
DepthwiseConvLayerOptions DepthwiseConvolution::read_options(const char* layer, const Config& config) {
    return read<DepthwiseConvLayerOptions>(layer, config);
}

}  // namespace xg
