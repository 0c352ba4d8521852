#include "convolution.h"
#include "../batch.h"
#include "arithmetic.h"
#include "activation.h"
#include "bilinear_convolution.h"
#include "layout.h"
#include "pooling.h"
#include "staged_convolution.h"

namespace xg {

namespace {
DType common_dtype(const Tensor& x, const Tensor& kernel) {
    const DType d = promote(x.dtype(), kernel.dtype());
    return is_float(d) ? d : f32;
}
void expect_kernel(const char* op, const Tensor& x, const Tensor& kernel) {
    detail::expect_images(op, x);
    require(kernel.rank() == x.rank(), "{}: expected a kernel of {} axes for x {}, got {}", op, x.rank(), x.shape(),
            kernel.shape());
    for (const auto extent : kernel.shape())
        require(extent > 0, "{}: expected a kernel of at least one entry along each axis, got {}", op, kernel.shape());
}
kernel::Convolution sizes_of(const char* op, const Tensor& x, const Tensor& kernel, const ConvOptions& o) {
    expect_kernel(op, x, kernel);
    const int rank = x.rank() - 2;
    const auto channels = x.shape().back(), filters = kernel.shape().back();
    require<std::invalid_argument>(o.groups > 0 && filters % o.groups == 0,
                                   "{}: expected filters divisible by groups, got {} and {}", op, filters, o.groups);
    require(kernel.shape()[rank] * o.groups == channels,
            "{}: expected a kernel for {} channels in {} groups, got x {} and kernel {}", op, channels, o.groups,
            x.shape(), kernel.shape());
    detail::expect_per_axis(op, "strides", o.strides, rank);
    detail::expect_per_axis(op, "dilation_rate", o.dilation_rate, rank);
    const std::string padding = detail::padding_named(op, o.padding, rank == 1);
    kernel::Convolution c{.in_channels = channels, .out_channels = filters, .groups = o.groups, .rank = rank};
    for (int a = 0; a < rank; ++a)
        c.axes[3 - rank + a] =
            detail::window(op, x.shape()[a + 1], kernel.shape()[a], o.strides[a], o.dilation_rate[a], padding);
    return c;
}
/// The axis of the convolution of which this is the gradient: as many windows as x has entries.
kernel::Window enlarged(std::int64_t n, std::int64_t taps, int axis, const ConvTransposeOptions& o) {
    const std::string padding = detail::padding_named("conv_transpose", o.padding, false);
    const auto stride = o.strides[axis];
    kernel::Window w{.out = n, .taps = taps, .stride = stride, .dilation = o.dilation_rate[axis]};
    const bool same = padding == "same";
    const auto reach = w.reach();
    if (o.output_padding.given()) w.in = (n - 1) * stride + reach - (same ? reach / 2 * 2 : 0) + o.output_padding[axis];
    else w.in = n * stride + (same ? 0 : std::max<std::int64_t>(reach - stride, 0));
    require(w.in > 0, "conv_transpose: expected an output of at least one entry along each axis, got {}", w.in);
    const auto there = detail::window("conv_transpose", w.in, taps, stride, w.dilation, padding);
    require<std::invalid_argument>(
        there.out == n, "conv_transpose: expected an output_padding that leaves {} windows, got {}", n, there.out);
    return there;
}
}  // namespace

Tensor conv(const Tensor& x, const Tensor& kernel, const ConvOptions& options) {
    const auto sizes = sizes_of("conv", x, kernel, options);
    const DType d = common_dtype(x, kernel);
    return detail::conv_forward(x.to(d), kernel.to(d), sizes);
}
Tensor conv(const Tensor& x, const Tensor& kernel, const Tensor& bias, const ConvOptions& options, ConvThen then) {
    const auto sizes = sizes_of("conv", x, kernel, options);
    require(bias.rank() == 1 && bias.shape()[0] == sizes.out_channels, "conv: expected a bias {}, got {}",
            Shape{sizes.out_channels}, bias.shape());
    require<std::invalid_argument>(!then.max_pool || sizes.rank == 2, "conv: expected two spatial axes to pool, got {}",
                                   sizes.rank);
    const DType d = common_dtype(x, kernel);
    if (!detail::level_of(x, kernel, bias))
        return detail::staged_convolution(x.to(d), kernel.to(d), bias.to(d), sizes, {then.relu, then.max_pool});
    Tensor y = detail::conv_forward(x.to(d), kernel.to(d), sizes) + bias;
    if (then.relu) y = relu(y);
    return then.max_pool ? max_pool(y, 2) : y;
}

void use_winograd(bool on) { kernel::allow_winograd(on); }

Tensor conv_transpose(const Tensor& x, const Tensor& kernel, const ConvTransposeOptions& o) {
    expect_kernel("conv_transpose", x, kernel);
    const int rank = x.rank() - 2;
    require(kernel.shape().back() == x.shape().back(),
            "conv_transpose: expected a kernel (window, filters, {}), got {}", x.shape().back(), kernel.shape());
    detail::expect_per_axis("conv_transpose", "strides", o.strides, rank);
    detail::expect_per_axis("conv_transpose", "dilation_rate", o.dilation_rate, rank);
    if (o.output_padding.given())
        detail::expect_per_axis("conv_transpose", "output_padding", o.output_padding, rank, 0);
    kernel::Convolution c{.in_channels = kernel.shape()[rank], .out_channels = x.shape().back(), .rank = rank};
    for (int a = 0; a < rank; ++a) c.axes[3 - rank + a] = enlarged(x.shape()[a + 1], kernel.shape()[a], a, o);
    const DType d = common_dtype(x, kernel);
    return detail::conv_input(x.to(d), kernel.to(d), c);
}

Tensor depthwise_conv(const Tensor& x, const Tensor& kernel, const DepthwiseConvOptions& o) {
    expect_kernel("depthwise_conv", x, kernel);
    Shape grouped = kernel.shape();  // (window, channels, multiplier) lies in memory as (window, 1, filters)
    const auto channels = grouped[x.rank() - 2];
    require(channels == x.shape().back(), "depthwise_conv: expected a kernel (window, {}, multiplier), got {}",
            x.shape().back(), kernel.shape());
    grouped[x.rank() - 2] = 1;
    grouped.back() *= channels;
    const Tensor as_grouped = reshape(kernel, grouped);
    const auto sizes = sizes_of("depthwise_conv", x, as_grouped, {o.strides, o.padding, o.dilation_rate, channels});
    const DType d = common_dtype(x, kernel);
    return detail::conv_forward(x.to(d), as_grouped.to(d), sizes);
}
Tensor separable_conv(const Tensor& x, const Tensor& depthwise_kernel, const Tensor& pointwise_kernel,
                      const DepthwiseConvOptions& options) {
    return conv(depthwise_conv(x, depthwise_kernel, options), pointwise_kernel);
}

}  // namespace xg
