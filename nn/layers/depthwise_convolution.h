#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct DepthwiseConvLayerOptions {
    PerAxis kernel_size = {};
    PerAxis strides = 1;
    std::string padding = "valid";  // same
    std::int64_t depth_multiplier = 1;
    std::string data_format = "channels_last";
    PerAxis dilation_rate = 1;
    Function activation = {};
    bool use_bias = true;
    Box<Initializer> depthwise_initializer = defaults::depthwise_initializer();
    Box<Initializer> bias_initializer = defaults::depthwise_bias_initializer();
    Box<Regularizer> depthwise_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> depthwise_constraint = {};
    Box<Constraint> bias_constraint = {};
};
/// activation(depthwise_conv(x, kernel) + bias), kernel (window, channels, depth_multiplier).
class DepthwiseConvolution : public SpatialLayer {
public:
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    DepthwiseConvolution(int rank, const char* layer, DepthwiseConvLayerOptions options);
    static DepthwiseConvLayerOptions with(PerAxis kernel_size, DepthwiseConvLayerOptions options);
    static DepthwiseConvLayerOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    DepthwiseConvLayerOptions options_;
    Tensor kernel_, bias_;
};
/// Input (batch, steps, channels), output (batch, steps, channels * depth_multiplier).
struct DepthwiseConv1D : DepthwiseConvolution {
    explicit DepthwiseConv1D(PerAxis kernel_size, DepthwiseConvLayerOptions options = {})
        : DepthwiseConvolution(1, "DepthwiseConv1D", with(kernel_size, std::move(options))) {}
    static DepthwiseConv1D from_config(const Config& config) {
        const auto options = read_options("DepthwiseConv1D", config);
        return DepthwiseConv1D(options.kernel_size, options);
    }
};
/// Input (batch, rows, columns, channels), output (batch, rows, columns, channels * depth_multiplier).
struct DepthwiseConv2D : DepthwiseConvolution {
    explicit DepthwiseConv2D(PerAxis kernel_size, DepthwiseConvLayerOptions options = {})
        : DepthwiseConvolution(2, "DepthwiseConv2D", with(kernel_size, std::move(options))) {}
    static DepthwiseConv2D from_config(const Config& config) {
        const auto options = read_options("DepthwiseConv2D", config);
        return DepthwiseConv2D(options.kernel_size, options);
    }
};

}  // namespace xg
