#include "gemm.h"
#include <dnnl.h>
#include <libxsmm.h>
#include <algorithm>
#include <cstring>
#include "../parallel.h"
#include "../tensor.h"
#include "onednn.h"
#include "transpose.h"

namespace xg::kernel {

namespace {
/// The sizes of one product and the distances between rows as stored.
struct Sizes {
    std::int64_t m, n, k, lda, ldb, ldc;
    bool transpose_a;
};

template <class T> void by_hand(T* c, const T* a, const T* b, const Sizes& s, bool add) {
    for (std::int64_t i = 0; i < s.m; ++i)
        for (std::int64_t j = 0; j < s.n; ++j) {
            T total = add ? c[i * s.ldc + j] : T(0);
            for (std::int64_t p = 0; p < s.k; ++p)
                total += (s.transpose_a ? a[p * s.lda + i] : a[i * s.lda + p]) * b[p * s.ldb + j];
            c[i * s.ldc + j] = total;
        }
}
/// LIBXSMM is column-major, so it sees c^T = b^T op(a)^T.
template <class T> void xsmm(T* c, const T* a, const T* b, const Sizes& s, bool add) {
    const int m = int(s.n), n = int(s.m), k = int(s.k), lda = int(s.ldb), ldb = int(s.lda), ldc = int(s.ldc);
    const int flags = s.transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    const T one = 1, beta = add ? 1 : 0;
    const auto kernel = [&] {
        if constexpr (sizeof(T) == 4)
            return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
        else return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
    }();
    if (kernel) kernel(b, a, c);
    else by_hand(c, a, b, s, add);
}
/// Larger ones block by block, so that what is reused stays in cache.
template <class T> void xsmm_blocked(T* c, const T* a, const T* b, const Sizes& s) {
    constexpr std::int64_t bm = 64, bn = 128, bk = 256;
    for (std::int64_t p = 0; p < s.k; p += bk)
        for (std::int64_t j = 0; j < s.n; j += bn)
            for (std::int64_t i = 0; i < s.m; i += bm) {
                Sizes part = s;
                part.m = std::min(bm, s.m - i), part.n = std::min(bn, s.n - j), part.k = std::min(bk, s.k - p);
                xsmm(c + i * s.ldc + j, a + (s.transpose_a ? p * s.lda + i : i * s.lda + p), b + p * s.ldb + j, part,
                     p > 0);
            }
}
}  // namespace

template <class T> void gemm(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
                             bool transpose_a, bool transpose_b) {
    if (m == 0 || n == 0) return;
    if (k == 0) {
        std::fill_n(c, m * n, T(0));
        return;
    }
    constexpr std::int64_t small = 256 * 256 * 256;
    const bool large = m * n * k > small || (transpose_b && k * n > 64 * 128);
    Tensor copy;  // LIBXSMM cannot read b transposed
    if (transpose_b && !(large && sizeof(T) == 4)) {
        copy = Tensor::empty({k, n}, dtype_of<T>);
        transpose(copy.raw<T>(), b, n, k);
        b = copy.raw<T>();
        transpose_b = false;
    }
    const Sizes all{m, n, k, transpose_a ? m : k, transpose_b ? k : n, n, transpose_a};
    // Rows are cut where the problem says, whoever computes them.
    const double ns = double(m) * double(n) * double(k) * sizeof(T) / 4 * 0.01;
    const std::int64_t pieces = std::clamp<std::int64_t>(std::int64_t(ns / 20000) * 2, 1, 16);
    const std::int64_t rows = std::max<std::int64_t>(16, ((m + pieces - 1) / pieces + 15) / 16 * 16),
                       count = (m + rows - 1) / rows;
    const auto run = [&](std::int64_t piece) {
        const std::int64_t first = piece * rows;
        Sizes s = all;
        s.m = std::min(rows, m - first);
        T* to = c + first * n;
        const T* from = a + (transpose_a ? first : first * k);
        if constexpr (sizeof(T) == 4) {
            if (large) {
                const onednn::OneThread guard;
                dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', s.m, n, k, 1.f, from, s.lda, b, s.ldb, 0.f,
                           to, n);
                return;
            }
        }
        if (m * n * k > small) xsmm_blocked(to, from, b, s);
        else xsmm(to, from, b, s, false);
    };
    if (count == 1) return run(0);
    parallel(count, ns / double(count), [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) run(first);
    });
}
template void gemm(float*, const float*, const float*, std::int64_t, std::int64_t, std::int64_t, bool, bool);
template void gemm(double*, const double*, const double*, std::int64_t, std::int64_t, std::int64_t, bool, bool);

}  // namespace xg::kernel
