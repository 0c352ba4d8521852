#pragma once
#include "../../tensor/markers.h"

namespace xg {

struct Reduction {
    bool keepdims = false;
};
struct Moments {
    double correction = 0;  // the divisor is the count less this
    bool keepdims = false;
};

// Sums and products of integers and bools are counted in int64.
/// Sum over the given axes.
Tensor sum(const Tensor& x, Axes axes = all, Reduction options = {});
/// Integers give float32; NaN where there is nothing.
Tensor mean(const Tensor& x, Axes axes = all, Reduction options = {});
/// The product; its gradient is right where factors are 0.
Tensor prod(const Tensor& x, Axes axes = all, Reduction options = {});
/// The largest, NaN if any is; equal ones share the gradient. Throws where there is nothing.
Tensor max(const Tensor& x, Axes axes = all, Reduction options = {});
Tensor min(const Tensor& x, Axes axes = all, Reduction options = {});
/// Mean squared distance from the mean. Throws unless there are more values than `correction`.
Tensor var(const Tensor& x, Axes axes = all, Moments options = {});
/// The root of var; its gradient is 0 where all values are equal.
Tensor stddev(const Tensor& x, Axes axes = all, Moments options = {});
/// The root of the sum of squares; its gradient is 0 at 0.
Tensor norm(const Tensor& x, Axes axes = all, Reduction options = {});
/// log(sum(exp(x))) without overflow; the gradient is 0 where every x is -inf.
Tensor logsumexp(const Tensor& x, Axes axes = all, Reduction options = {});
/// Running sums along one axis; without one, of all entries in order.
Tensor cumsum(const Tensor& x, int axis);
Tensor cumsum(const Tensor& x);
/// Running products along one axis, or of all entries in order; the gradient is right where factors are 0.
Tensor cumprod(const Tensor& x, int axis);
Tensor cumprod(const Tensor& x);
/// The position of the first largest entry along `axis`, or of all entries in order, int64; NaN counts as the largest.
Tensor argmax(const Tensor& x, int axis, Reduction options = {});
Tensor argmax(const Tensor& x);
Tensor argmin(const Tensor& x, int axis, Reduction options = {});
Tensor argmin(const Tensor& x);
/// Whether any entry is not 0. `all(x, axes)`: whether all are.
Tensor any(const Tensor& x, Axes axes = all, Reduction options = {});
Tensor every(const Tensor& x, Axes axes = all, Reduction options = {});
/// How many entries are not 0, int64.
Tensor count_nonzero(const Tensor& x, Axes axes = all, Reduction options = {});
template <class T, class... More>
requires std::derived_from<T, Tensor> Tensor All::operator()(const T& x, const More&... more) const {
    return every(x, more...);
}
/// x summed over the axes along which `shape` was broadcast to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);

}  // namespace xg
