#pragma once
#include "../tensor.h"

namespace xg::kernel {

/// Sums the axes in `mask` (bit a for axis a); the result keeps them with extent 1. Float32, float64, int64.
Tensor sum(const Tensor& x, unsigned mask);

}  // namespace xg::kernel
