#include "convolution_transpose.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(ConvTransposeLayerOptions& o, F&& field) {
    field("filters", o.filters);
    field("kernel_size", o.kernel_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("output_padding", o.output_padding);
    field("data_format", o.data_format);
    field("dilation_rate", o.dilation_rate);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

ConvolutionTranspose::ConvolutionTranspose(int rank, const char* layer, ConvTransposeLayerOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    const auto& o = options_;
    adopt(o.activation);
    require<std::invalid_argument>(o.filters > 0, "{}: expected filters > 0, got {}", layer, o.filters);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    detail::expect_small_steps(layer, rank, o.strides, o.dilation_rate);
    if (o.output_padding.given()) detail::expect_per_axis(layer, "output_padding", o.output_padding, rank, 0);
    options_.padding = detail::padding_named(layer, o.padding, false);
}
ConvTransposeLayerOptions ConvolutionTranspose::with(std::int64_t filters, PerAxis kernel_size,
                                                     ConvTransposeLayerOptions options) {
    options.filters = filters;
    options.kernel_size = kernel_size;
    return options;
}

void ConvolutionTranspose::build(const Shape& input) {
    const auto channels = channels_of(input);
    require(channels > 0, "expected at least one channel, got input {}", input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(options_.filters);
    kernel.push_back(channels);
    const auto& o = options_;
    kernel_ = parameter("kernel", kernel, o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    if (o.use_bias) bias_ = parameter("bias", {o.filters}, o.bias_initializer, o.bias_regularizer, o.bias_constraint);
}
Tensor ConvolutionTranspose::forward(const Tensor& x) {
    expect_channels(kernel_.shape().back(), x.shape());
    return regularized(options_.activation(SpatialLayer::forward(x)), options_.activity_regularizer);
}
Tensor ConvolutionTranspose::apply(const Tensor& x) {
    const Tensor y = conv_transpose(
        x, kernel_, {options_.strides, options_.padding, options_.output_padding, options_.dilation_rate});
    return bias_.defined() ? y + bias_ : y;
}
void ConvolutionTranspose::describe(Config& config) const { write(config, options_); }
ConvTransposeLayerOptions ConvolutionTranspose::read_options(const char* layer, const Config& config) {
    return read<ConvTransposeLayerOptions>(layer, config);
}

}  // namespace xg
