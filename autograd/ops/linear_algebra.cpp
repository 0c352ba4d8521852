#include "linear_algebra.h"
#include <algorithm>
#include "../../tensor/kernels/gemm.h"
#include "../../tensor/parallel.h"
#include "../record.h"
#include "arithmetic.h"
#include "layout.h"
#include "reduction.h"

namespace xg {

namespace {
/// Two matrices of one floating type, stacks of as many, or one and a stack.
Tensor product(const Tensor& a, const Tensor& b, Transpose t) {
    if (detail::level_of(a, b)) return matmul(a, b, t);
    const auto m = a.shape()[a.rank() - 2 + t.transpose_a], k = a.shape()[a.rank() - 1 - t.transpose_a],
               n = b.shape()[b.rank() - 1 - t.transpose_b];
    Shape shape = a.rank() > b.rank() ? a.shape() : b.shape();
    const int r = shape.rank();
    shape[r - 2] = m, shape[r - 1] = n;
    Tensor y = Tensor::empty(shape, a.dtype());
    std::int64_t count = 1;
    for (int axis = 0; axis < r - 2; ++axis) count *= shape[axis];
    const auto next_a = a.rank() == r ? m * k : 0, next_b = b.rank() == r ? k * n : 0;
    dispatch_float(y.dtype(), "matmul", [&]<class T> {
        const auto one = [&](std::int64_t i) {
            kernel::gemm(y.raw<T>() + i * m * n, a.raw<T>() + i * next_a, b.raw<T>() + i * next_b, m, n, k,
                         t.transpose_a, t.transpose_b);
        };
        if (count == 1) one(0);
        else
            parallel(count, 0.01 * double(m) * double(n) * double(k), [&](std::int64_t first, std::int64_t last) {
                for (; first < last; ++first) one(first);
            });
    });
    return record(
        "matmul", std::move(y),
        wrt(a,
            [b = Saved(b), t](const Tensor& dy) {
                return t.transpose_a ? product(b, dy, {t.transpose_b, true}) : product(dy, b, {false, !t.transpose_b});
            }),
        wrt(b, [a = Saved(a), t](const Tensor& dy) {
            return t.transpose_b ? product(dy, a, {true, t.transpose_a}) : product(a, dy, {!t.transpose_a, false});
        }));
}
/// Integers one by one, exactly.
Tensor integer_product(const Tensor& a, const Tensor& b, Transpose t) {
    const Tensor left = t.transpose_a ? swapaxes(a, -1, -2) : a, right = t.transpose_b ? b : swapaxes(b, -1, -2);
    return sum(expand_dims(left, -2) * expand_dims(right, -3), -1).to(a.dtype());
}
/// x with `lead` in front of its last two axes.
Tensor with_lead(const Tensor& x, const Shape& lead) {
    Shape shape = lead;
    shape.push_back(x.shape()[x.rank() - 2]);
    shape.push_back(x.shape()[x.rank() - 1]);
    return shape == x.shape() ? x : broadcast_to(x, shape);
}
Shape lead_of(const Tensor& x) { return Shape(x.shape().begin(), x.shape().end() - 2); }
}  // namespace

Tensor matmul(const Tensor& a, const Tensor& b, Transpose t) {
    require(a.rank() > 0 && b.rank() > 0, "matmul: expected at least one axis each, got a {} and b {}", a.shape(),
            b.shape());
    const DType d = promote(a.dtype(), b.dtype());
    const DType dtype = d == boolean ? i64 : d;
    if (a.dtype() != dtype || b.dtype() != dtype) return matmul(a.to(dtype), b.to(dtype), t);
    if (a.rank() == 1 || b.rank() == 1) {
        // A vector on the left is a row, on the right a column; the axis it lends is taken away again.
        const Tensor left = a.rank() == 1 ? reshape(a, {1, -1}) : a, right = b.rank() == 1 ? reshape(b, {-1, 1}) : b;
        const Tensor y = matmul(left, right, {a.rank() > 1 && t.transpose_a, b.rank() > 1 && t.transpose_b});
        Shape shape(y.shape().begin(), y.shape().end() - 2);
        if (a.rank() > 1) shape.push_back(y.shape()[y.rank() - 2]);
        if (b.rank() > 1) shape.push_back(y.shape()[y.rank() - 1]);
        return reshape(y, shape);
    }
    const int ka = a.rank() - 1 - t.transpose_a, kb = b.rank() - 2 + t.transpose_b;
    require(a.shape()[ka] == b.shape()[kb], "matmul: expected a.shape[{}] == b.shape[{}], got a {} and b {}", ka, kb,
            a.shape(), b.shape());
    if (detail::level_of(a, b))
        return detail::batched_map([&](const Tensor& left, const Tensor& right) { return matmul(left, right, t); }, a,
                                   b);
    if (!is_float(dtype)) return integer_product(a, b, t);
    if (b.rank() == 2 && a.rank() > 2 && !t.transpose_a) {  // one matrix for all rows
        Shape shape = a.shape();
        shape.back() = b.shape()[!t.transpose_b];
        return reshape(
            product(reshape(a, {a.shape().back() ? a.numel() / a.shape().back() : 0, a.shape().back()}), b, t), shape);
    }
    if (a.rank() == 2 || b.rank() == 2) return product(a, b, t);
    const Shape lead = broadcast(lead_of(a), lead_of(b), "matmul");
    return product(with_lead(a, lead), with_lead(b, lead), t);
}

Tensor outer(const Tensor& a, const Tensor& b) { return reshape(a, {-1, 1}) * reshape(b, {1, -1}); }

Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a, const std::vector<int>& axes_b) {
    require<std::invalid_argument>(axes_a.size() == axes_b.size(),
                                   "tensordot: expected as many axes of a as of b, got {} and {}", axes_a.size(),
                                   axes_b.size());
    const unsigned in_a = Axes(axes_a.begin(), axes_a.end()).mask(a.rank(), "tensordot"),
                   in_b = Axes(axes_b.begin(), axes_b.end()).mask(b.rank(), "tensordot");
    int order_a[max_rank], order_b[max_rank], next = 0;
    Shape left, right;
    std::int64_t summed = 1;
    for (int i = 0; i < a.rank(); ++i)
        if (!(in_a >> i & 1)) order_a[next++] = i, left.push_back(a.shape()[i]);
    for (std::size_t i = 0; i < axes_a.size(); ++i) {
        const int own = normalize_axis(axes_a[i], a.rank(), "tensordot"),
                  other = normalize_axis(axes_b[i], b.rank(), "tensordot");
        require(a.shape()[own] == b.shape()[other], "tensordot: expected a.shape[{}] == b.shape[{}], got a {} and b {}",
                own, other, a.shape(), b.shape());
        summed *= a.shape()[own];
        order_a[next++] = own, order_b[i] = other;
    }
    next = int(axes_b.size());
    for (int i = 0; i < b.rank(); ++i)
        if (!(in_b >> i & 1)) order_b[next++] = i, right.push_back(b.shape()[i]);
    const Tensor y = matmul(reshape(detail::permute(a, order_a), {left.numel(), summed}),
                            reshape(detail::permute(b, order_b), {summed, right.numel()}));
    Shape shape = left;
    for (auto extent : right) shape.push_back(extent);
    return reshape(y, shape);
}
Tensor tensordot(const Tensor& a, const Tensor& b, int axes) {
    require(0 <= axes && axes <= std::min(a.rank(), b.rank()),
            "tensordot: expected a number of axes in [0, {}], got {}", std::min(a.rank(), b.rank()), axes);
    std::vector<int> last, first;
    for (int i = 0; i < axes; ++i) last.push_back(a.rank() - axes + i), first.push_back(i);
    return tensordot(a, b, last, first);
}

}  // namespace xg
