#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct SeparableConvLayerOptions {
    std::int64_t filters = 0;
    PerAxis kernel_size = {};
    PerAxis strides = 1;
    std::string padding = "valid";  // same
    std::string data_format = "channels_last";
    PerAxis dilation_rate = 1;
    std::int64_t depth_multiplier = 1;
    Function activation = {};
    bool use_bias = true;
    Box<Initializer> depthwise_initializer = defaults::depthwise_initializer();
    Box<Initializer> pointwise_initializer = defaults::kernel_initializer();
    Box<Initializer> bias_initializer = defaults::bias_initializer();
    Box<Regularizer> depthwise_regularizer = {};
    Box<Regularizer> pointwise_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> depthwise_constraint = {};
    Box<Constraint> pointwise_constraint = {};
    Box<Constraint> bias_constraint = {};
};
/// activation(separable_conv(x, depthwise_kernel, pointwise_kernel) + bias): each channel on its own, then all of one
/// pixel together.
class SeparableConvolution : public SpatialLayer {
public:
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    SeparableConvolution(int rank, const char* layer, SeparableConvLayerOptions options);
    static SeparableConvLayerOptions with(std::int64_t filters, PerAxis kernel_size, SeparableConvLayerOptions options);
    static SeparableConvLayerOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    SeparableConvLayerOptions options_;
    Tensor depthwise_kernel_, pointwise_kernel_, bias_;
};
/// Input (batch, steps, channels), output (batch, steps, filters).
struct SeparableConv1D : SeparableConvolution {
    SeparableConv1D(std::int64_t filters, PerAxis kernel_size, SeparableConvLayerOptions options = {})
        : SeparableConv1D(with(filters, kernel_size, std::move(options))) {}
    explicit SeparableConv1D(SeparableConvLayerOptions options)
        : SeparableConvolution(1, "SeparableConv1D", std::move(options)) {}
    static SeparableConv1D from_config(const Config& c) { return SeparableConv1D(read_options("SeparableConv1D", c)); }
};
/// Input (batch, rows, columns, channels), output (batch, rows, columns, filters).
struct SeparableConv2D : SeparableConvolution {
    SeparableConv2D(std::int64_t filters, PerAxis kernel_size, SeparableConvLayerOptions options = {})
        : SeparableConv2D(with(filters, kernel_size, std::move(options))) {}
    explicit SeparableConv2D(SeparableConvLayerOptions options)
        : SeparableConvolution(2, "SeparableConv2D", std::move(options)) {}
    static SeparableConv2D from_config(const Config& c) { return SeparableConv2D(read_options("SeparableConv2D", c)); }
};

}  // namespace xg
