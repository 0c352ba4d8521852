#include "layout.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"
#include <cstring>
#include "reduction.h"

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
    return record("reshape", x.window(shape, 0),
                  wrt(x, [from = x.shape()](const Tensor& dy) { return reshape(dy, from); }));
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
    require(broadcast(x.shape(), shape, "broadcast_to") == shape,
            "broadcast_to: expected a shape that {} broadcasts to, got {}", x.shape(), shape);
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

Tensor detail::permute(const Tensor& x, const int* axes) {
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

namespace {
/// dy placed at row `first` of zeros; the reverse of slice.
Tensor place(const Tensor& dy, const Shape& shape, std::int64_t first) {
    Tensor y = zeros(shape, dy.dtype());
    if (dy.numel()) y.window(dy.shape(), first * (shape.numel() / shape[0])).assign(dy);
    return record("place", std::move(y),
                  wrt(dy, [first, n = dy.shape()[0]](const Tensor& ddy) { return slice(ddy, first, first + n); }));
}
}  // namespace

Tensor slice(const Tensor& x, std::int64_t first, std::int64_t last) {
    require(x.rank() > 0 && 0 <= first && first <= last && last <= x.shape()[0],
            "slice: expected rows within {}, got {} to {}", x.shape(), first, last);
    Shape shape = x.shape();
    shape[0] = last - first;
    const auto row = x.shape()[0] ? x.numel() / x.shape()[0] : 0;
    return record("slice", x.window(shape, first * row),
                  wrt(x, [from = x.shape(), first](const Tensor& dy) { return place(dy, from, first); }));
}

Indexed Tensor::operator[](std::int64_t i) const {
    require(rank() > 0, "operator[]: expected at least one axis, got shape ()");
    const auto n = shape()[0], at = i < 0 ? i + n : i;
    require(0 <= at && at < n, "operator[]: expected a row in [-{}, {}), got {}", n, n, i);
    Shape row;
    for (int a = 1; a < rank(); ++a) row.push_back(shape()[a]);
    return {reshape(slice(*this, at, at + 1), row), *this, {i}};
}

Tensor Tensor::to(DType wanted) const {
    if (wanted == dtype()) return *this;
    Tensor y = empty(shape(), wanted);
    dispatch(dtype(), [&]<class From> {
        dispatch(wanted, [&]<class To> {
            const From* from = raw<From>();
            To* to = y.raw<To>();
            for (std::int64_t i = 0; i < numel(); ++i) to[i] = To(from[i]);
        });
    });
    if (!is_float(wanted)) return y;
    return record("to", std::move(y), wrt(*this, [from = dtype()](const Tensor& dy) { return dy.to(from); }));
}
Tensor Tensor::copy() const {
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
