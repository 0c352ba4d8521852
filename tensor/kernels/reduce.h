#pragma once
#include "../tensor.h"

namespace xg::kernel {

/// Sums the axes in `mask` (bit a for axis a); the result keeps them with extent 1. Float32, float64, int64.
Tensor sum(const Tensor& x, unsigned mask);
/// The place of the first NaN or infinity; -1 if there is none. Float32 and float64.
template <class T> std::int64_t first_not_finite(const T* x, std::int64_t n);

}  // namespace xg::kernel
