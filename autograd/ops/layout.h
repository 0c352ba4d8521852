#pragma once
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

}  // namespace xg
