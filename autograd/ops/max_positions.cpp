#include "max_positions.h"
#include "../record.h"
#include "window.h"

namespace xg::detail {

namespace {
/// f.operator()<T, Position>()
template <class F> void with_types(const Tensor& x, const Tensor& positions, const char* op, const F& f) {
    dispatch_float(x.dtype(), op, [&]<class T> {
        if (positions.dtype() == u8) f.template operator()<T, std::uint8_t>();
        else f.template operator()<T, std::int32_t>();
    });
}
}  // namespace

Shape pooled_shape(std::int64_t batch, const kernel::Pooling& p, bool output) {
    Shape shape{batch};
    for (int a = 3 - p.rank; a < 3; ++a)
        shape.push_back(output ? p.axes[std::size_t(a)].out() : p.axes[std::size_t(a)].in);
    shape.push_back(p.channels);
    return shape;
}

Tensor picked(const Tensor& x, const Tensor& positions, const kernel::Pooling& p) {
    if (is_batched(x)) return folded(x, [&](const Tensor& all) { return picked(all, positions, p); });
    const auto images = x.shape()[0];
    Tensor y = Tensor::empty(pooled_shape(images, p, true), x.dtype());
    with_types(x, positions, "max_pool", [&]<class T, class Position> {
        kernel::pick(y.raw<T>(), positions.raw<Position>(), x.raw<T>(), images, positions.shape()[0], p);
    });
    return record("max_pool", std::move(y),
                  wrt(x, [positions, p](const Tensor& dy) { return unpicked(dy, positions, p); }));
}
Tensor unpicked(const Tensor& dy, const Tensor& positions, const kernel::Pooling& p) {
    if (is_batched(dy)) return folded(dy, [&](const Tensor& all) { return unpicked(all, positions, p); });
    const auto images = dy.shape()[0];
    Tensor dx = Tensor::empty(pooled_shape(images, p, false), dy.dtype());
    with_types(dy, positions, "max_pool", [&]<class T, class Position> {
        kernel::unpick(dx.raw<T>(), positions.raw<Position>(), dy.raw<T>(), images, positions.shape()[0], p);
    });
    return record("max_unpool", std::move(dx),
                  wrt(dy, [positions, p](const Tensor& ddx) { return picked(ddx, positions, p); }));
}

}  // namespace xg::detail
