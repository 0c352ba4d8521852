#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct ConvLayerOptions {
    std::int64_t filters = 0;
    PerAxis kernel_size = {};
    PerAxis strides = 1;
    std::string padding = "valid";  // same; Conv1D also causal
    std::string data_format = "channels_last";
    PerAxis dilation_rate = 1;
    std::int64_t groups = 1;
    Function activation = {};
    bool use_bias = true;
    Box<Initializer> kernel_initializer = defaults::kernel_initializer();
    Box<Initializer> bias_initializer = defaults::bias_initializer();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> bias_constraint = {};
};
/// activation(conv(x, kernel) + bias), kernel (window, channels / groups, filters).
class Convolution : public SpatialLayer {
public:
    Tensor forward(const Tensor& x) override;
    /// With relu before a MaxPooling2D of 2 x 2.
    Tensor forward_together(const Tensor& x, const Module& next) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    Convolution(int rank, const char* layer, ConvLayerOptions options);
    static ConvLayerOptions with(std::int64_t filters, PerAxis kernel_size, ConvLayerOptions options);
    static ConvLayerOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override { return staged(x, fuses_relu(), false); }
    bool fuses_relu() const { return options_.use_bias && options_.activation.name() == "relu"; }
    Tensor staged(const Tensor& x, bool relu, bool max_pool) const;

    ConvLayerOptions options_;
    Tensor kernel_, bias_;
    Shape seen_;  // the last input
};
/// Input (batch, steps, channels), output (batch, steps, filters).
struct Conv1D : Convolution {
    Conv1D(std::int64_t filters, PerAxis kernel_size, ConvLayerOptions options = {})
        : Conv1D(with(filters, kernel_size, std::move(options))) {}
    explicit Conv1D(ConvLayerOptions options) : Convolution(1, "Conv1D", std::move(options)) {}
    static Conv1D from_config(const Config& config) { return Conv1D(read_options("Conv1D", config)); }
};
/// Input (batch, rows, columns, channels), output (batch, rows, columns, filters).
struct Conv2D : Convolution {
    Conv2D(std::int64_t filters, PerAxis kernel_size, ConvLayerOptions options = {})
        : Conv2D(with(filters, kernel_size, std::move(options))) {}
    explicit Conv2D(ConvLayerOptions options) : Convolution(2, "Conv2D", std::move(options)) {}
    static Conv2D from_config(const Config& config) { return Conv2D(read_options("Conv2D", config)); }
};
/// Input (batch, planes, rows, columns, channels), output (batch, planes, rows, columns, filters).
struct Conv3D : Convolution {
    Conv3D(std::int64_t filters, PerAxis kernel_size, ConvLayerOptions options = {})
        : Conv3D(with(filters, kernel_size, std::move(options))) {}
    explicit Conv3D(ConvLayerOptions options) : Convolution(3, "Conv3D", std::move(options)) {}
    static Conv3D from_config(const Config& config) { return Conv3D(read_options("Conv3D", config)); }
};

}  // namespace xg
