#include "layout.h"
#include <limits>
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"
#include <cstring>
#include "reduction.h"
#include "strided.h"

namespace xg {

Tensor reshape(const Tensor& x, Shape shape) {
    int open = -1;
    std::int64_t known = 1;
    for (int a = 0; a < shape.rank(); ++a) {
        require(shape[a] >= 0 || (shape[a] == -1 && open < 0),
                "reshape: expected extents >= 0 and at most one -1, got {}", shape);
        if (shape[a] == -1) open = a;
        else known *= shape[a];
    }
    const Shape wanted = shape;
    if (open >= 0) shape[open] = known ? x.numel() / known : 0;
    require(shape.numel() == x.numel(), "reshape: expected a shape of {} elements, got {} from {}", x.numel(), wanted,
            x.shape());
    if (detail::is_batched(x))
        return detail::batched(
            x, [&](const Tensor& examples) { return reshape(examples, detail::behind(examples.shape()[0], shape)); });
    return record("reshape", x.window(shape, 0),
                  wrt(x, [from = x.shape()](const Tensor& dy) { return reshape(dy, from); }));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    require(broadcast(x.shape(), shape, "broadcast_to") == shape,
            "broadcast_to: expected a shape that {} broadcasts to, got {}", x.shape(), shape);
    if (const int level = x.impl()->level) {
        const Tensor examples = detail::aligned(x, level, shape.rank());
        return detail::one_example(broadcast_to(examples, detail::behind(examples.shape()[0], shape)), level);
    }
    return record("broadcast_to", kernel::repeat_to(x, shape),
                  wrt(x, [to = x.shape()](const Tensor& dy) { return sum_to(dy, to); }));
}

Tensor transpose(const Tensor& x) {
    int axes[max_rank];
    for (int a = 0; a < x.rank(); ++a) axes[a] = x.rank() - 1 - a;
    return detail::permute(x, axes);
}
Tensor transpose(const Tensor& x, std::initializer_list<int> axes) {
    require(int(axes.size()) == x.rank(), "transpose: expected {} axes for shape {}, got {}", x.rank(), x.shape(),
            axes.size());
    int order[max_rank];
    unsigned seen = 0;
    for (int i = 0; int a : axes) {
        order[i] = normalize_axis(a, x.rank(), "transpose");
        require(!(seen >> order[i] & 1), "transpose: expected different axes, got {} twice", a);
        seen |= 1u << order[i++];
    }
    return detail::permute(x, order);
}

Tensor detail::beside(const Tensor& x, const Tensor& y) {
    Shape shape = x.shape();
    while (shape.rank() < y.rank()) shape.push_back(1);
    return reshape(x, shape);
}
Tensor detail::permute(const Tensor& x, const int* axes) {
    if (is_batched(x)) {
        int order[max_rank] = {0};
        for (int a = 0; a < x.rank(); ++a) order[a + 1] = axes[a] + 1;
        return batched(x, [&](const Tensor& examples) { return permute(examples, order); });
    }
    std::int64_t own[max_rank], strides[max_rank], step = 1;
    for (int a = x.rank() - 1; a >= 0; --a) {
        own[a] = step;
        step *= x.shape()[a];
    }
    Shape shape = x.shape();
    std::array<int, max_rank> back{};
    for (int a = 0; a < x.rank(); ++a) {
        shape[a] = x.shape()[axes[a]];
        strides[a] = own[axes[a]];
        back[std::size_t(axes[a])] = a;
    }
    return record("transpose", kernel::gather_strided(x, shape, strides, 0),
                  wrt(x, [back](const Tensor& dy) { return detail::permute(dy, back.data()); }));
}

Tensor slice(const Tensor& x, std::int64_t first, std::int64_t last) {
    require(x.rank() > 0 && 0 <= first && first <= last && last <= x.shape()[0],
            "slice: expected rows within {}, got {} to {}", x.shape(), first, last);
    detail::Region rows;
    std::int64_t stride = x.shape()[0] ? x.numel() / x.shape()[0] : 0;
    rows.offset = first * stride;
    rows.window = true;
    rows.axis(last - first, stride);
    for (int a = 1; a < x.rank(); ++a) rows.axis(x.shape()[a], stride = x.shape()[a] ? stride / x.shape()[a] : 0);
    return detail::read("slice", x, rows);
}

Indexed Tensor::operator[](std::int64_t i) const {
    require(rank() > 0, "operator[]: expected at least one axis, got shape ()");
    const auto n = shape()[0], at = i < 0 ? i + n : i;
    require(0 <= at && at < n, "operator[]: expected a row in [-{}, {}), got {}", n, n, i);
    Shape row;
    for (int a = 1; a < rank(); ++a) row.push_back(shape()[a]);
    return {reshape(slice(*this, at, at + 1), row), *this, {i}};
}

namespace {
/// To an integer: fractions are cut off, NaN gives 0, what does not fit the nearest end of the range (in C++
/// undefined).
template <Element To, Element From> To cast(From x) {
    if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To> && !std::is_same_v<To, bool>) {
        constexpr From end = From(std::numeric_limits<To>::max() / 2 + 1) * 2;  // a power of two: exact
        if (!(x < end)) return x >= end ? std::numeric_limits<To>::max() : To(0);
        constexpr From least = From(std::numeric_limits<To>::min());
        return x <= least ? std::numeric_limits<To>::min() : To(x);
    } else return To(x);
}
}  // namespace
Tensor Tensor::to(DType wanted) const {
    if (wanted == dtype()) return *this;
    if (detail::is_batched(*this))
        return detail::batched(*this, [&](const Tensor& examples) { return examples.to(wanted); });
    Tensor y = empty(shape(), wanted);
    dispatch(dtype(), [&]<class From> {
        dispatch(wanted, [&]<class To> {
            const From* from = raw<From>();
            To* to = y.raw<To>();
            for (std::int64_t i = 0; i < numel(); ++i) to[i] = cast<To>(from[i]);
        });
    });
    if (!is_float(wanted)) return y;
    return record("to", std::move(y), wrt(*this, [from = dtype()](const Tensor& dy) { return dy.to(from); }));
}
Tensor Tensor::copy() const {
    if (detail::is_batched(*this))
        return detail::batched(*this, [](const Tensor& examples) { return examples.copy(); });
    Tensor y = empty(shape(), dtype());
    detail::copy_bytes(y, impl_->data);
    return record("copy", std::move(y), wrt(*this, [](const Tensor& dy) { return dy; }));
}
void Tensor::assign(const Tensor& x, const char* op) {
    require(x.shape() == shape(), "{}: expected shape {}, got {}", op, shape(), x.shape());
    require<std::logic_error>(!impl_->node || node_of(*this)->is_leaf(),
                              "{}: expected a tensor that no operation computed, got the result of {}", op,
                              impl_->node ? node_of(*this)->op : "");
    const Tensor from = x.detach().to(dtype());
    bump_version(op);
    if (numel()) std::memmove(impl_->data, from.impl()->data, std::size_t(numel()) * size_of(dtype()));
}

}  // namespace xg
