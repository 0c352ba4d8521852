#pragma once
#include "../tensor.h"

namespace xg::kernel {

/// x repeated to fill `shape`, which it broadcasts to. Any dtype.
Tensor repeat_to(const Tensor& x, const Shape& shape);
/// A new tensor of `shape` whose entry [i0, i1, ...] is x's element offset + i0 * strides[0] + i1 * strides[1] + ...
/// (strides in elements, any sign, 0 repeats). Any dtype; runs of neighbours are copied whole.
Tensor gather_strided(const Tensor& x, const Shape& shape, const std::int64_t* strides, std::int64_t offset);
/// The reverse: writes x (of `shape`) to those places of `to`.
void scatter_strided(Tensor& to, const Tensor& x, const Shape& shape, const std::int64_t* strides, std::int64_t offset);

}  // namespace xg::kernel
