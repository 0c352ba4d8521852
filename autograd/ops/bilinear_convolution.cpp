#include "bilinear_convolution.h"
#include "../../tensor/kernels/convolution.h"
#include "../record.h"
#include "layout.h"

namespace xg::detail {

namespace {
using kernel::Convolution;

/// (batch, spatial axes, channels)
Shape images(std::int64_t batch, const Convolution& c, bool output) {
    Shape shape{batch};
    for (int a = 3 - c.rank; a < 3; ++a) shape.push_back(output ? c.axes[a].out : c.axes[a].in);
    shape.push_back(output ? c.out_channels : c.in_channels);
    return shape;
}
Shape kernel_shape(const Convolution& c) {
    Shape shape;
    for (int a = 3 - c.rank; a < 3; ++a) shape.push_back(c.axes[a].taps);
    shape.push_back(c.in_channels / c.groups);
    shape.push_back(c.out_channels);
    return shape;
}
Convolution of_batch(const Convolution& c, const Tensor& images) {
    Convolution one = c;
    one.batch = images.shape()[0];
    return one;
}
/// f(a, b), example by example.
template <class F> Tensor each(const Tensor& a, const Tensor& b, const F& f) {
    const int level = level_of(a, b);
    const Tensor all_a = for_every_example(a, level), all_b = for_every_example(b, level);
    Tensors results;
    for (std::int64_t i = 0; i < all_a.shape()[0]; ++i) results.push_back(f(all_a[i], all_b[i]));
    return one_example(stack(results), level);
}
/// f(images, kernel): one kernel for all examples takes them as one batch.
template <class F> Tensor over_examples(const Tensor& x, const Tensor& kernel, const F& f) {
    if (level_of(x) > level_of(kernel)) return folded(x, [&](const Tensor& all) { return f(all, kernel); });
    return each(x, kernel, f);
}
}  // namespace

Tensor conv_forward(const Tensor& x, const Tensor& kernel, const Convolution& sizes) {
    if (level_of(x, kernel))
        return over_examples(x, kernel, [&](const auto& a, const auto& k) { return conv_forward(a, k, sizes); });
    const Convolution c = of_batch(sizes, x);
    Tensor y = Tensor::empty(images(c.batch, c, true), x.dtype());
    dispatch_float(x.dtype(), "conv", [&]<class T> {
        kernel::convolve<T>(y.raw<T>(), nullptr, x.raw<T>(), kernel.raw<T>(), nullptr, c, {});
    });
    return record("conv", std::move(y),
                  wrt(x, [kernel = Saved(kernel), c](const Tensor& dy) { return conv_input(dy, kernel, c); }),
                  wrt(kernel, [x = Saved(x), c](const Tensor& dy) { return conv_kernel(x, dy, c); }));
}
Tensor conv_input(const Tensor& dy, const Tensor& kernel, const Convolution& sizes) {
    if (level_of(dy, kernel))
        return over_examples(dy, kernel, [&](const auto& a, const auto& k) { return conv_input(a, k, sizes); });
    const Convolution c = of_batch(sizes, dy);
    Tensor dx = Tensor::empty(images(c.batch, c, false), dy.dtype());
    dispatch_float(dy.dtype(), "conv_transpose", [&]<class T> {
        kernel::convolve_back<T>({.x = dx.raw<T>()}, dy.raw<T>(), nullptr, nullptr, nullptr, kernel.raw<T>(), c, {});
    });
    return record("conv_transpose", std::move(dx),
                  wrt(dy, [kernel = Saved(kernel), c](const Tensor& ddx) { return conv_forward(ddx, kernel, c); }),
                  wrt(kernel, [dy = Saved(dy), c](const Tensor& ddx) { return conv_kernel(ddx, dy, c); }));
}
Tensor conv_kernel(const Tensor& x, const Tensor& dy, const Convolution& sizes) {
    if (level_of(x, dy)) return each(x, dy, [&](const auto& a, const auto& b) { return conv_kernel(a, b, sizes); });
    const Convolution c = of_batch(sizes, x);
    Tensor dk = Tensor::empty(kernel_shape(c), x.dtype());
    dispatch_float(x.dtype(), "conv_kernel", [&]<class T> {
        kernel::convolve_back<T>({.kernel = dk.raw<T>()}, dy.raw<T>(), nullptr, nullptr, x.raw<T>(), nullptr, c, {});
    });
    return record("conv_kernel", std::move(dk),
                  wrt(x, [dy = Saved(dy), c](const Tensor& ddk) { return conv_input(dy, ddk, c); }),
                  wrt(dy, [x = Saved(x), c](const Tensor& ddk) { return conv_forward(x, ddk, c); }));
}

}  // namespace xg::detail
