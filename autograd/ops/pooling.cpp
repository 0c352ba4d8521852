#include "pooling.h"
#include "../record.h"
#include "max_positions.h"

namespace xg {

namespace {
using kernel::Pooling, kernel::Spans;

/// The windows without what lies outside.
Spans inside(const kernel::Window& w) {
    Spans spans{w.in, {}, {}};
    for (std::int64_t i = 0; i < w.out; ++i) {
        spans.begin.push_back(std::max<std::int64_t>(w.input(i, 0), 0));
        spans.end.push_back(std::min(w.input(i, w.taps - 1) + 1, w.in));
    }
    return spans;
}
Pooling windows_of(const char* op, const Tensor& x, const PerAxis& size, const PoolOptions& options) {
    detail::expect_images(op, x);
    const int rank = x.rank() - 2;
    const PerAxis& strides = options.strides.given() ? options.strides : size;
    detail::expect_per_axis(op, "pool_size", size, rank);
    detail::expect_per_axis(op, "strides", strides, rank);
    const std::string padding = detail::padding_named(op, options.padding, false);
    Pooling p{.channels = x.shape().back(), .rank = rank};
    for (int a = 0; a < rank; ++a)
        p.axes[std::size_t(3 - rank + a)] =
            inside(detail::window(op, x.shape()[a + 1], size[a], strides[a], 1, padding));
    return p;
}
Pooling adapted(const char* op, const Tensor& x, const PerAxis& size) {
    detail::expect_images(op, x);
    const int rank = x.rank() - 2;
    detail::expect_per_axis(op, "output_size", size, rank);
    Pooling p{.channels = x.shape().back(), .rank = rank};
    for (int a = 0; a < rank; ++a) {
        Spans spans{x.shape()[a + 1], {}, {}};
        require(spans.in > 0, "{}: expected at least one entry along each axis, got {}", op, x.shape());
        for (std::int64_t i = 0; i < size[a]; ++i) {
            spans.begin.push_back(i * spans.in / size[a]);
            spans.end.push_back(((i + 1) * spans.in + size[a] - 1) / size[a]);
        }
        p.axes[std::size_t(3 - rank + a)] = std::move(spans);
    }
    return p;
}

Tensor largest(const Tensor& x, const Pooling& p) {
    if (detail::is_batched(x)) return detail::folded(x, [&](const Tensor& all) { return largest(all, p); });
    const auto images = x.shape()[0];
    const Shape shape = detail::pooled_shape(images, p, true);
    const Tensor y = Tensor::empty(shape, x.dtype()), positions = Tensor::empty(shape, p.taps() > 256 ? i32 : u8);
    dispatch_float(x.dtype(), "max_pool", [&]<class T> {
        if (positions.dtype() == u8) kernel::max_pool(y.raw<T>(), positions.raw<std::uint8_t>(), x.raw<T>(), images, p);
        else kernel::max_pool(y.raw<T>(), positions.raw<std::int32_t>(), x.raw<T>(), images, p);
    });
    return record("max_pool", y,
                  wrt(x, [positions, p](const Tensor& dy) { return detail::unpicked(dy, positions, p); }));
}

Tensor shares(const Tensor& dy, const Pooling& p);
Tensor means(const Tensor& x, const Pooling& p) {
    if (detail::is_batched(x)) return detail::folded(x, [&](const Tensor& all) { return means(all, p); });
    const auto images = x.shape()[0];
    const Tensor y = Tensor::empty(detail::pooled_shape(images, p, true), x.dtype());
    dispatch_float(x.dtype(), "average_pool", [&]<class T> { kernel::average(y.raw<T>(), x.raw<T>(), images, p); });
    return record("average_pool", y, wrt(x, [p](const Tensor& dy) { return shares(dy, p); }));
}
Tensor shares(const Tensor& dy, const Pooling& p) {
    if (detail::is_batched(dy)) return detail::folded(dy, [&](const Tensor& all) { return shares(all, p); });
    const auto images = dy.shape()[0];
    const Tensor dx = Tensor::empty(detail::pooled_shape(images, p, false), dy.dtype());
    dispatch_float(dy.dtype(), "average_pool", [&]<class T> { kernel::spread(dx.raw<T>(), dy.raw<T>(), images, p); });
    return record("average_unpool", dx, wrt(dy, [p](const Tensor& ddx) { return means(ddx, p); }));
}
}  // namespace

Tensor max_pool(const Tensor& x, const PerAxis& pool_size, const PoolOptions& options) {
    return largest(detail::as_float(x), windows_of("max_pool", x, pool_size, options));
}
Tensor average_pool(const Tensor& x, const PerAxis& pool_size, const PoolOptions& options) {
    return means(detail::as_float(x), windows_of("average_pool", x, pool_size, options));
}
Tensor adaptive_max_pool(const Tensor& x, const PerAxis& output_size) {
    return largest(detail::as_float(x), adapted("adaptive_max_pool", x, output_size));
}
Tensor adaptive_average_pool(const Tensor& x, const PerAxis& output_size) {
    return means(detail::as_float(x), adapted("adaptive_average_pool", x, output_size));
}

}  // namespace xg
