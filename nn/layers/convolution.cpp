#include "convolution.h"
#include "../../autograd/ops/convolution.h"
#include "spatial.h"

namespace xg {

template <class F> void fields(ConvLayerOptions& o, F&& field) {
    field("filters", o.filters);
    field("kernel_size", o.kernel_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("data_format", o.data_format);
    field("dilation_rate", o.dilation_rate);
    field("groups", o.groups);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    field("kernel_initializer", o.kernel_initializer);
    field("bias_initializer", o.bias_initializer);
}

Convolution::Convolution(int rank, const char* layer, ConvLayerOptions options)
    : options_(std::move(options)), rank_(rank) {
    const auto& o = options_;
    detail::expect_channels_last(layer, o.data_format);
    require<std::invalid_argument>(o.filters > 0, "{}: expected filters > 0, got {}", layer, o.filters);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    detail::expect_padding(layer, o.padding, rank == 1);
    require<std::invalid_argument>(o.groups > 0 && o.filters % o.groups == 0,
                                   "{}: expected filters divisible by groups, got {} and {}", layer, o.filters,
                                   o.groups);
}
ConvLayerOptions Convolution::with(std::int64_t filters, PerAxis kernel_size, ConvLayerOptions options) {
    options.filters = filters;
    options.kernel_size = kernel_size;
    return options;
}

void Convolution::build(const Shape& input) {
    detail::expect_rank(input, rank_);
    const auto channels = input.back();
    require(channels > 0 && channels % options_.groups == 0, "expected channels divisible by {} groups, got input {}",
            options_.groups, input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(channels / options_.groups);
    kernel.push_back(options_.filters);
    kernel_ = parameter("kernel", kernel, options_.kernel_initializer);
    if (options_.use_bias) bias_ = parameter("bias", {options_.filters}, options_.bias_initializer);
}
Tensor Convolution::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), rank_);
    const auto channels = kernel_.shape()[rank_] * options_.groups;
    require(x.shape().back() == channels, "expected {} channels, got input {}", channels, x.shape());
    const ConvOptions o{options_.strides, options_.padding, options_.dilation_rate, options_.groups};
    if (!bias_.defined()) return options_.activation(conv(x, kernel_, o));
    const bool relu = options_.activation.name() == "relu";
    const Tensor y = conv(x, kernel_, bias_, o, {.relu = relu});
    return relu ? y : options_.activation(y);
}
void Convolution::describe(Config& config) const { write(config, options_); }
ConvLayerOptions Convolution::read_options(const char* layer, const Config& config) {
    return read<ConvLayerOptions>(layer, config);
}

}  // namespace xg
