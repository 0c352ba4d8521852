#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct ConvTransposeLayerOptions {
    std::int64_t filters = 0;
    PerAxis kernel_size = {};
    PerAxis strides = 1;
    std::string padding = "valid";  // same
    PerAxis output_padding = {};
    std::string data_format = "channels_last";
    PerAxis dilation_rate = 1;
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
/// activation(conv_transpose(x, kernel) + bias), kernel (window, filters, channels): makes images larger by `strides`.
class ConvolutionTranspose : public SpatialLayer {
public:
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    ConvolutionTranspose(int rank, const char* layer, ConvTransposeLayerOptions options);
    static ConvTransposeLayerOptions with(std::int64_t filters, PerAxis kernel_size, ConvTransposeLayerOptions options);
    static ConvTransposeLayerOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    ConvTransposeLayerOptions options_;
    Tensor kernel_, bias_;
};
/// Input (batch, steps, channels), output (batch, steps * strides, filters) with padding same.
struct Conv1DTranspose : ConvolutionTranspose {
    Conv1DTranspose(std::int64_t filters, PerAxis kernel_size, ConvTransposeLayerOptions options = {})
        : Conv1DTranspose(with(filters, kernel_size, std::move(options))) {}
    explicit Conv1DTranspose(ConvTransposeLayerOptions options)
        : ConvolutionTranspose(1, "Conv1DTranspose", std::move(options)) {}
    static Conv1DTranspose from_config(const Config& c) { return Conv1DTranspose(read_options("Conv1DTranspose", c)); }
};
/// Input (batch, rows, columns, channels), output (batch, rows * strides, columns * strides, filters) with padding
/// same.
struct Conv2DTranspose : ConvolutionTranspose {
    Conv2DTranspose(std::int64_t filters, PerAxis kernel_size, ConvTransposeLayerOptions options = {})
        : Conv2DTranspose(with(filters, kernel_size, std::move(options))) {}
    explicit Conv2DTranspose(ConvTransposeLayerOptions options)
        : ConvolutionTranspose(2, "Conv2DTranspose", std::move(options)) {}
    static Conv2DTranspose from_config(const Config& c) { return Conv2DTranspose(read_options("Conv2DTranspose", c)); }
};
/// Input (batch, planes, rows, columns, channels).
struct Conv3DTranspose : ConvolutionTranspose {
    Conv3DTranspose(std::int64_t filters, PerAxis kernel_size, ConvTransposeLayerOptions options = {})
        : Conv3DTranspose(with(filters, kernel_size, std::move(options))) {}
    explicit Conv3DTranspose(ConvTransposeLayerOptions options)
        : ConvolutionTranspose(3, "Conv3DTranspose", std::move(options)) {}
    static Conv3DTranspose from_config(const Config& c) { return Conv3DTranspose(read_options("Conv3DTranspose", c)); }
};

}  // namespace xg
