#pragma once
#include "window.h"

namespace xg {

struct ConvOptions {
    PerAxis strides = 1;
    std::string padding = "valid";  // same, causal
    PerAxis dilation_rate = 1;
    std::int64_t groups = 1;  // of channels that do not mix
};
/// The cross-correlation of x (batch, one to three spatial axes, channels) with a kernel (window, channels / groups,
/// filters): (batch, spatial axes, filters).
Tensor conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options = {});

struct ConvThen {
    bool relu = false;
    bool max_pool = false;  // of every 2 x 2 pixels; two spatial axes
};
/// conv + bias (filters,), then relu, then max_pool(2), in one pass.
Tensor conv(const Tensor& x, const Tensor& kernel, const Tensor& bias, const ConvOptions& options = {},
            ConvThen then = {});
/// Whether float32 convolutions of 3 x 3 with many channels may be computed by Winograd's products: twice as fast, with
/// roundings of some 1e-6 of the largest values. On unless turned off.
void use_winograd(bool on);

struct ConvTransposeOptions {
    PerAxis strides = 1;
    std::string padding = "valid";  // same
    PerAxis output_padding = {};    // not given: outputs of n * strides, or what the windows reach if that is more
    PerAxis dilation_rate = 1;
};
/// The gradient of a convolution with respect to its input, as Keras uses it to enlarge: x (batch, spatial axes,
/// channels), kernel (window, filters, channels).
Tensor conv_transpose(const Tensor& x, const Tensor& kernel, const ConvTransposeOptions& options = {});

struct DepthwiseConvOptions {
    PerAxis strides = 1;
    std::string padding = "valid";
    PerAxis dilation_rate = 1;
};
/// Every channel with its own kernels (window, channels, multiplier): (batch, spatial axes, channels * multiplier).
Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const DepthwiseConvOptions& options = {});
/// depthwise_conv, then a convolution of windows of one, (1, ..., channels * multiplier, filters).
Tensor separable_conv(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                      const DepthwiseConvOptions& options = {});

}  // namespace xg
