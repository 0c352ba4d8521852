#pragma once
#include <cstdint>

namespace xg::kernel {

/// Row-major c (m, n) = op(a) (m, k) times op(b) (k, n); op transposes what is stored the other way round.
/// Float32 and float64; the same bits for any number of threads.
template <class T> void gemm(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
                             bool transpose_a, bool transpose_b);

}  // namespace xg::kernel
