#pragma once
#include <cstdint>

namespace xg::kernel {

/// A product of blocks that lie within larger matrices: row-major c (m, n) = op(a) b, or c += op(a) b; the distances
/// between rows are those in memory. For sizes up to a few hundred, on the caller's thread.
struct BlockProduct {
    std::int64_t m = 0, n = 0, k = 0, lda = 0, ldb = 0, ldc = 0;
    bool transpose_a = false, add = false;
    bool operator==(const BlockProduct&) const = default;
};
template <class T> void block_product(T* c, const T* a, const T* b, const BlockProduct& sizes);

}  // namespace xg::kernel
