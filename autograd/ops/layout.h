#pragma once
#include <vector>
#include "../../tensor/markers.h"

namespace xg {

/// The same values under another shape, a view; one extent may be -1 and follows from the others.
Tensor reshape(const Tensor& x, Shape shape);
/// x repeated to fill `shape`.
Tensor broadcast_to(const Tensor& x, const Shape& shape);
/// The axes in another order; without one, reversed.
Tensor transpose(const Tensor& x);
Tensor transpose(const Tensor& x, std::initializer_list<int> axes);
namespace detail {
Tensor permute(const Tensor& x, const int* axes);
/// x with axes of one behind its own, so that it broadcasts beside y: a mask (batch, steps) beside (batch, steps, ...).
Tensor beside(const Tensor& x, const Tensor& y);
}  // namespace detail
/// Rows first <= i < last of the leading axis, a view.
Tensor slice(const Tensor& x, std::int64_t first, std::int64_t last);

/// The same as transpose with axes, as PyTorch calls it.
inline Tensor permute(const Tensor& x, std::initializer_list<int> axes) { return transpose(x, axes); }
/// The entries in reverse order along the axes.
Tensor flip(const Tensor& x, Axes axes = all);
/// Entries moved by `shift` along one axis; what leaves at one end comes in at the other.
Tensor roll(const Tensor& x, std::int64_t shift, int axis);
/// Along several axes, one shift an axis.
Tensor roll(const Tensor& x, std::initializer_list<std::int64_t> shifts, std::initializer_list<int> axes);
/// The entries moved in row-major order, over the ends of rows.
Tensor roll(const Tensor& x, std::int64_t shift);
/// Without the axes of extent one, or without the given ones; throws if one has another extent.
Tensor squeeze(const Tensor& x, Axes axes = all);
/// With a new axis of extent one, which gets position `axis`.
Tensor expand_dims(const Tensor& x, int axis);
Tensor swapaxes(const Tensor& x, int a, int b);
/// Axis `from` put at position `to`, the others in their order.
Tensor moveaxis(const Tensor& x, int from, int to);
/// One after another along an axis; all other extents are equal, dtypes meet as in arithmetic.
Tensor concatenate(const std::vector<Tensor>& xs, int axis = 0);
/// One beside another along a new axis; all shapes are equal.
Tensor stack(const std::vector<Tensor>& xs, int axis = 0);
/// `parts` pieces of equal extent along an axis; throws if they are not.
std::vector<Tensor> split(const Tensor& x, std::int64_t parts, int axis = 0);
/// The pieces between cuts before the given positions, one more than there are cuts: `split(x, {2, 5})`.
std::vector<Tensor> split(const Tensor& x, const std::vector<std::int64_t>& cuts, int axis = 0);
inline std::vector<Tensor> split(const Tensor& x, std::initializer_list<std::int64_t> cuts, int axis = 0) {
    return split(x, std::vector(cuts), axis);
}
/// x repeated `times[a]` times along axis a; shorter lists count from the last axis.
Tensor tile(const Tensor& x, const Shape& times);
/// Each entry `times` times in a row along an axis.
Tensor repeat(const Tensor& x, std::int64_t times, int axis);
struct Padding {
    std::int64_t before = 0, after = 0;
};
/// `value` before and after the entries, one Padding an axis.
Tensor pad(const Tensor& x, const std::vector<Padding>& padding, double value = 0);
/// What stands beyond the ends of a, b, c: reflect b, a | a, b, c | b, a without the end itself; symmetric with it;
/// edge repeats the end; wrap begins again at the other end.
enum class PadMode { reflect, symmetric, edge, wrap };
/// Entries of x itself before and after the entries; throws for an axis of extent 0 that is to grow.
Tensor pad(const Tensor& x, const std::vector<Padding>& padding, PadMode mode);
/// The lower triangle of the last two axes: 0 above diagonal k.
Tensor tril(const Tensor& x, std::int64_t k = 0);
Tensor triu(const Tensor& x, std::int64_t k = 0);
/// The entries (i, i + k) of two axes, as a new last axis.
Tensor diagonal(const Tensor& x, std::int64_t k = 0, int rows = 0, int columns = 1);
/// Their sum.
Tensor trace(const Tensor& x, std::int64_t k = 0, int rows = 0, int columns = 1);
/// A matrix of zeros with the vector x on diagonal k; or diagonal k of the matrix x.
Tensor diag(const Tensor& x, std::int64_t k = 0);

}  // namespace xg
