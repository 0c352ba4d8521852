#include "convolution.h"
#include <typeinfo>
#include "../../autograd/ops/convolution.h"
#include "pooling.h"
#include "spatial.h"
#include "weight_fields.h"

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
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
}

Convolution::Convolution(int rank, const char* layer, ConvLayerOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    const auto& o = options_;
    adopt(o.activation);
    require<std::invalid_argument>(o.filters > 0, "{}: expected filters > 0, got {}", layer, o.filters);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    detail::expect_small_steps(layer, rank, o.strides, o.dilation_rate);
    options_.padding = detail::padding_named(layer, o.padding, rank == 1);
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
    const auto channels = channels_of(input);
    require(channels > 0 && channels % options_.groups == 0, "expected channels divisible by {} groups, got input {}",
            options_.groups, input);
    Shape kernel = options_.kernel_size.for_axes(rank_);
    kernel.push_back(channels / options_.groups);
    kernel.push_back(options_.filters);
    const auto& o = options_;
    kernel_ = parameter("kernel", kernel, o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    if (o.use_bias) bias_ = parameter("bias", {o.filters}, o.bias_initializer, o.bias_regularizer, o.bias_constraint);
}
Tensor Convolution::forward(const Tensor& x) {
    expect_channels(kernel_.shape()[rank_] * options_.groups, x.shape());
    seen_ = x.shape();
    const Tensor y = SpatialLayer::forward(x);
    return regularized(fuses_relu() ? y : options_.activation(y), options_.activity_regularizer);
}
Tensor Convolution::forward_together(const Tensor& x, const Module& next) {
    if (rank_ != 2 || typeid(next) != typeid(MaxPooling2D) || x.mask().defined()) return {};
    const PoolingOptions& pool = static_cast<const MaxPooling2D&>(next).options();
    const bool halves = pool.padding == "valid" && pool.pool_size.all_equal(2) && pool.strides.all_equal(2) &&
                        pool.data_format == "channels_last";
    if (!halves || !fuses_relu() || channels_first_ || options_.activity_regularizer) return {};
    Shape like_before = x.shape();  // then what this layer alone gives is known, whatever the batch
    like_before[0] = seen_[0];
    if (!(like_before == seen_)) return {};
    return staged(x, true, true);
}
Tensor Convolution::staged(const Tensor& x, bool relu, bool max_pool) const {
    const ConvOptions o{options_.strides, options_.padding, options_.dilation_rate, options_.groups};
    return bias_.defined() ? conv(x, kernel_, bias_, o, {relu, max_pool}) : conv(x, kernel_, o);
}
void Convolution::describe(Config& config) const { write(config, options_); }
ConvLayerOptions Convolution::read_options(const char* layer, const Config& config) {
    return read<ConvLayerOptions>(layer, config);
}

}  // namespace xg
