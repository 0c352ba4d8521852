#include "block_product.h"
#include <libxsmm.h>
#include <initializer_list>
#include <type_traits>

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

namespace {
template <class T> using Generated = std::conditional_t<sizeof(T) == 4, libxsmm_smmfunction, libxsmm_dmmfunction>;
/// LIBXSMM is column-major, so it sees c^T = b^T op(a)^T. Null if it generates no code for these sizes.
template <class T> Generated<T> generate(const BlockProduct& s) {
    const int m = int(s.n), n = int(s.m), k = int(s.k), lda = int(s.ldb), ldb = int(s.lda), ldc = int(s.ldc);
    const int flags = s.transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    const T one = 1, beta = s.add ? 1 : 0;
    if constexpr (sizeof(T) == 4) return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
    else return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
}
/// What this thread used last: LIBXSMM's own look-up costs as much as a small product.
template <class T> Generated<T> generated(const BlockProduct& s) {
    struct Entry {
        BlockProduct sizes{};
        Generated<T> kernel = nullptr;
    };
    static constinit thread_local Entry entries[64];
    std::uint64_t hash = std::uint64_t(s.transpose_a) * 2 + s.add;
    for (const auto x : {s.m, s.n, s.k, s.lda, s.ldb}) hash = (hash + std::uint64_t(x)) * 0x9E3779B97F4A7C15u;
    Entry& e = entries[hash >> 58];
    if (!(e.sizes == s)) e = {s, generate<T>(s)};
    return e.kernel;
}
}  // namespace

template <class T> void block_product(T* c, const T* a, const T* b, const BlockProduct& s) {
    if (s.m == 0 || s.n == 0) return;
    const auto kernel = s.k ? generated<T>(s) : nullptr;
    if (kernel) kernel(b, a, c);
    else by_hand(c, a, b, s);
}
template void block_product(float*, const float*, const float*, const BlockProduct&);
template void block_product(double*, const double*, const double*, const BlockProduct&);

}  // namespace xg::kernel
