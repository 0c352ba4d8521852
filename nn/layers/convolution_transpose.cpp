#include "convolution_transpose.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"

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
    field("kernel_initializer", o.kernel_initializer);
    field("bias_initializer", o.bias_initializer);
}

ConvolutionTranspose::ConvolutionTranspose(int rank, const char* layer, ConvTransposeLayerOptions options)
    : options_(std::move(options)), rank_(rank) {
    const auto& o = options_;
    detail::expect_channels_last(layer, o.data_format);
    require<std::invalid_argument>(o.filters > 0, "{}: expected filters > 0, got {}", layer, o.filters);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    if (o.output_padding.given()) detail::expect_per_axis(layer, "output_padding", o.output_padding, rank, 0);
    detail::expect_padding(layer, o.padding, false);
}
ConvTransposeLayerOptions ConvolutionTranspose::with(std::int64_t filters, PerAxis kernel_size,
                                                     ConvTransposeLayerOptions options) {
    options.filters = filters;
    options.kernel_size = kernel_size;
    return options;
}

void ConvolutionTranspose::build(const Shape& input) {
    detail::expect_rank(input, rank_);
    require(input.back() > 0, "expected at least one channel, got input {}", input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(options_.filters);
    kernel.push_back(input.back());
    kernel_ = parameter("kernel", kernel, options_.kernel_initializer);
    if (options_.use_bias) bias_ = parameter("bias", {options_.filters}, options_.bias_initializer);
}
Tensor ConvolutionTranspose::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), rank_);
    const auto channels = kernel_.shape().back();
    require(x.shape().back() == channels, "expected {} channels, got input {}", channels, x.shape());
    const Tensor y = conv_transpose(
        x, kernel_, {options_.strides, options_.padding, options_.output_padding, options_.dilation_rate});
    return options_.activation(bias_.defined() ? y + bias_ : y);
}
void ConvolutionTranspose::describe(Config& config) const { write(config, options_); }
ConvTransposeLayerOptions ConvolutionTranspose::read_options(const char* layer, const Config& config) {
    return read<ConvTransposeLayerOptions>(layer, config);
}

}  // namespace xg
