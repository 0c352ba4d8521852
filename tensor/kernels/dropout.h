#pragma once
#include <cstdint>
#include "../random.h"

namespace xg::kernel {

/// y[i] = 0 with probability `rate` (a multiple of 2^-32 at most that far below), else x[i] scale. Which ones depends
/// on the key and i alone. y may be x. Float32 and float64.
template <class T> void dropout(T* y, const T* x, std::int64_t n, double rate, T scale, RandomKey key);

}  // namespace xg::kernel
