#pragma once
#include "../../tensor/markers.h"

namespace xg {

/// x's entries at `indices` (int64, any shape) along `axis`: the axis is replaced by the shape of the indices.
/// Negative positions count from the end; throws if one is out of range.
Tensor take(const Tensor& x, const Tensor& indices, int axis = 0);
/// `updates` added to zeros of `shape` at rows `indices` of the first axis; repeated rows are summed.
Tensor scatter_add(const Tensor& updates, const Tensor& indices, const Shape& shape);
/// The entries of x (..., n, ...) at indices (..., k, ...) along `axis`, one index an entry.
Tensor take_along_axis(const Tensor& x, const Tensor& indices, int axis = -1);
/// Integer labels (...) as rows (..., classes) with a 1; throws if a label is outside.
Tensor one_hot(const Tensor& labels, std::int64_t classes, DType dtype = f32);
/// Where x is not 0, in order: one tensor of positions (int64) an axis, so that `x(nonzero(x)[0])` are those of a
/// vector.
Tensors nonzero(const Tensor& x);
/// The same as rows (count, rank) of positions, int64.
Tensor argwhere(const Tensor& x);

namespace detail {
/// Positions in [0, n) as int64; throws for one outside [-n, n).
Tensor positions(const Tensor& indices, std::int64_t n, const char* op);
}  // namespace detail

}  // namespace xg
