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
}
/// Rows first <= i < last of the leading axis, a view.
Tensor slice(const Tensor& x, std::int64_t first, std::int64_t last);

/// The same as transpose with axes, as PyTorch calls it.
inline Tensor permute(const Tensor& x, std::initializer_list<int> axes) { return transpose(x, axes); }
/// The entries in reverse order along the axes.
Tensor flip(const Tensor& x, Axes axes = all);
/// Entries moved by `shift` along one axis; what leaves at one end comes in at the other.
Tensor roll(const Tensor& x, std::int64_t shift, int axis);
/// Without the axes of extent one, or without the given ones; throws if one has another extent.
Tensor squeeze(const Tensor& x, Axes axes = all);
/// With a new axis of extent one, which gets position `axis`.
Tensor expand_dims(const Tensor& x, int axis);
Tensor swapaxes(const Tensor& x, int a, int b);
/// One after another along an axis; all other extents are equal, dtypes meet as in arithmetic.
Tensor concatenate(const std::vector<Tensor>& xs, int axis = 0);
/// One beside another along a new axis; all shapes are equal.
Tensor stack(const std::vector<Tensor>& xs, int axis = 0);
/// `parts` pieces of equal extent along an axis; throws if they are not.
std::vector<Tensor> split(const Tensor& x, std::int64_t parts, int axis = 0);
/// x repeated `times[a]` times along axis a; shorter lists count from the last axis.
Tensor tile(const Tensor& x, const Shape& times);
/// Each entry `times` times in a row along an axis.
Tensor repeat(const Tensor& x, std::int64_t times, int axis);
struct Padding {
    std::int64_t before = 0, after = 0;
};
/// `value` before and after the entries, one Padding an axis.
Tensor pad(const Tensor& x, const std::vector<Padding>& padding, double value = 0);
/// The lower triangle of the last two axes: 0 above diagonal k.
Tensor tril(const Tensor& x, std::int64_t k = 0);
Tensor triu(const Tensor& x, std::int64_t k = 0);

}  // namespace xg
