#include "block_product.h"
#include <libxsmm.h>

namespace xg::kernel {

namespace {
template <class T> void by_hand(T* c, const T* a, const T* b, const BlockProduct& s) {
    for (std::int64_t i = 0; i < s.m; ++i)
        for (std::int64_t j = 0; j < s.n; ++j) {
            T total = s.add ? c[i * s.ldc + j] : T(0);
            for (std::int64_t p = 0; p < s.k; ++p)
                total += (s.transpose_a ? a[p * s.lda + i] : a[i * s.lda + p]) * b[p * s.ldb + j];
            c[i * s.ldc + j] = total;
        }
}
}  // namespace

/// LIBXSMM is column-major, so it sees c^T = b^T op(a)^T.
template <class T> void block_product(T* c, const T* a, const T* b, const BlockProduct& s) {
    if (s.m == 0 || s.n == 0) return;
    if (s.k == 0) return by_hand(c, a, b, s);
    const int m = int(s.n), n = int(s.m), k = int(s.k), lda = int(s.ldb), ldb = int(s.lda), ldc = int(s.ldc);
    const int flags = s.transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    const T one = 1, beta = s.add ? 1 : 0;
    const auto kernel = [&] {
        if constexpr (sizeof(T) == 4)
            return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
        else return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
    }();
    if (kernel) kernel(b, a, c);
    else by_hand(c, a, b, s);
}
template void block_product(float*, const float*, const float*, const BlockProduct&);
template void block_product(double*, const double*, const double*, const BlockProduct&);

}  // namespace xg::kernel
