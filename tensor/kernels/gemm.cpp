#include "gemm.h"
#include <dnnl.h>
#include <libxsmm.h>
#include <algorithm>
#include <bit>
#include <cstring>
#include "../parallel.h"
#include "../tensor.h"
#include "../simd/across.h"
#include "onednn.h"

namespace xg::kernel {

namespace {
/// The sizes of one product and the distances between rows as stored.
struct Sizes {
    std::int64_t m, n, k, lda, ldb, ldc;
    bool transpose_a;
    bool operator==(const Sizes&) const = default;
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

template <class T> using Generated = std::conditional_t<sizeof(T) == 4, libxsmm_smmfunction, libxsmm_dmmfunction>;
/// LIBXSMM is column-major, so it sees c^T = b^T op(a)^T. Null if it generates no code for these sizes.
template <class T> Generated<T> generate(const Sizes& s, bool add) {
    const int m = int(s.n), n = int(s.m), k = int(s.k), lda = int(s.ldb), ldb = int(s.lda), ldc = int(s.ldc);
    const int flags = s.transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    const T one = 1, beta = add ? 1 : 0;
    if constexpr (sizeof(T) == 4) return libxsmm_smmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
    else return libxsmm_dmmdispatch(m, n, k, &lda, &ldb, &ldc, &one, &beta, &flags, nullptr);
}
/// Each thread remembers the kernels it used last: LIBXSMM's own look-up costs as much as a small product.
template <class T> Generated<T> generated(const Sizes& s, bool add) {
    struct Entry {
        Sizes sizes{};
        bool add = false;
        Generated<T> kernel = nullptr;
    };
    constexpr std::size_t places = 64;
    static constinit thread_local Entry entries[places];
    std::uint64_t hash = std::uint64_t(s.transpose_a) * 2 + add;
    for (const auto x : {s.m, s.n, s.k, s.lda, s.ldb}) hash = (hash + std::uint64_t(x)) * 0x9E3779B97F4A7C15u;
    Entry& e = entries[hash >> 58];
    if (!(e.sizes == s && e.add == add)) [[unlikely]]
        e = {s, add, generate<T>(s, add)};
    return e.kernel;
}
template <class T> void xsmm(T* c, const T* a, const T* b, const Sizes& s, bool add) {
    if (const auto kernel = generated<T>(s, add)) kernel(b, a, c);
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

enum class By : std::uint8_t { one_kernel, blocks, onednn };
/// Generated code as long as the rows of b stay in the second cache and, read down its columns, a in the first.
template <class T> By choose(std::int64_t n, std::int64_t k, bool transpose_a) {
    const bool fits = n * k * std::int64_t(sizeof(T)) <= std::int64_t(1) << 20 && (!transpose_a || k <= 512);
    if (fits) return By::one_kernel;
    return sizeof(T) == 4 ? By::onednn : By::blocks;
}
/// How many rows one piece has: pieces depend on the problem alone, whoever computes them. Each reads all of b again,
/// and oneDNN packs it anew: so not too few.
std::int64_t rows_of_a_piece(std::int64_t m, double ns, By by) {
    const double piece_ns = by == By::onednn ? 1'000'000 : 50'000;
    const std::int64_t least = by == By::onednn ? 512 : m >= 256 ? 64 : m >= 64 ? 32 : 16;
    const std::int64_t halves = by != By::onednn && ns > 20'000 ? 2 : 1;
    const auto wanted = std::clamp<std::int64_t>(std::int64_t(ns / piece_ns), halves, 64);
    const auto pieces = std::int64_t(std::bit_floor(std::uint64_t(wanted)));  // equal shares for two or four threads
    return std::max(least, ((m + pieces - 1) / pieces + 15) / 16 * 16);
}
/// Whether reading b transposed where it lies is dearer than a copy, which pays from some rows of a on.
template <class T> bool copy_first(std::int64_t m, By by) { return by != By::onednn || m >= 96; }
/// Few rows times a large b, in two halves of k: each thread reads half of b, the half whose gradient it will compute
/// and, as b is most likely a layer's weights, whose update too.
template <class T> void product_of_halves(T* c, const T* a, const T* b, const Sizes& s, double ns) {
    const auto half = (s.k / 2 + 15) / 16 * 16;
    const Tensor second = Tensor::empty({s.m, s.n}, dtype_of<T>);
    parallel(2, ns / 2, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) {
            Sizes part = s;
            part.k = first ? s.k - half : half;
            xsmm(first ? second.raw<T>() : c, a + first * half, b + first * half * s.ldb, part, false);
        }
    });
    const T* more = second.raw<T>();
    for (std::int64_t i = 0; i < s.m * s.n; ++i) c[i] += more[i];
}

template <class T> constexpr std::int64_t line = 64 / std::int64_t(sizeof(T));
/// Rows of so many elements begin in few sets of the first cache, where a column of them does not fit.
template <class T> bool crowded(std::int64_t stride) { return stride * std::int64_t(sizeof(T)) % 1024 == 0; }

void sgemm(float* c, const float* a, const float* b, const Sizes& s, bool transpose_b = false) {
    const onednn::OneThread guard;
    dnnl_sgemm(s.transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', s.m, s.n, s.k, 1.f, a, s.lda, b, s.ldb, 0.f, c,
               s.ldc);
}
/// c = a^T b by oneDNN. What is shared out are columns: each piece packs all of a again, which is cheap down to 128.
void product_of_columns(float* c, const float* a, const float* b, std::int64_t m, std::int64_t n, std::int64_t k,
                        double ns) {
    constexpr std::int64_t few = 256;
    const std::int64_t pieces = ns < 400'000 || n < few ? 1 : std::max<std::int64_t>(2, n / few / 2 * 2);
    const auto columns = ((n + pieces - 1) / pieces + 15) / 16 * 16, count = (n + columns - 1) / columns;
    parallel(count, ns / double(count), [&](std::int64_t piece, std::int64_t last) {
        for (; piece < last; ++piece) {
            const auto first = piece * columns;
            sgemm(c + first, a, b + first, {m, std::min(columns, n - first), k, m, n, n, true});
        }
    });
}
/// The same. If a's columns crowd the cache and b's do not, b^T a is faster, even with a transpose to follow.
void product_down_rows(float* c, const float* a, const float* b, std::int64_t m, std::int64_t n, std::int64_t k,
                       double ns) {
    if (m % 1024 != 0 || n % 1024 == 0 || n > m) return product_of_columns(c, a, b, m, n, k, ns);
    const Tensor turned = Tensor::empty({n, m}, f32);
    product_of_columns(turned.raw<float>(), b, a, n, m, k, ns);
    transpose_scaled(c, n, turned.raw<float>(), m, n, m, 1.f);
}
}  // namespace

template <class T> void gemm(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
                             bool transpose_a, bool transpose_b, RowsDone done) {
    if (m == 0 || n == 0) return;
    if (k == 0) {
        std::fill_n(c, m * n, T(0));
        return done(0, m);
    }
    const By by = choose<T>(n, k, transpose_a);
    const double ns = double(m) * double(n) * double(k) * sizeof(T) / 4 * 0.01;
    if constexpr (sizeof(T) == 4)
        if (by == By::onednn && transpose_a && !transpose_b && n >= 64) {
            product_down_rows(c, a, b, m, n, k, ns);
            return done(0, m);
        }
    Tensor copy;
    std::int64_t ldb = transpose_b ? k : n;
    if (transpose_b && copy_first<T>(m, by)) {
        ldb = crowded<T>(n) ? n + line<T> : n;
        copy = Tensor::empty({k * ldb}, dtype_of<T>);
        transpose_scaled(copy.raw<T>(), ldb, b, k, n, k, T(1));
        b = copy.raw<T>();
        transpose_b = false;
    }
    const Sizes all{m, n, k, transpose_a ? m : k, ldb, n, transpose_a};
    if (by == By::one_kernel && !transpose_a && m <= 64 && k >= 256 && ns > 20'000) {
        product_of_halves(c, a, b, all, ns);
        return done(0, m);
    }
    const auto rows = rows_of_a_piece(m, ns, by), count = (m + rows - 1) / rows;
    const auto run = [&](std::int64_t piece) {
        const std::int64_t first = piece * rows;
        Sizes s = all;
        s.m = std::min(rows, m - first);
        T* to = c + first * n;
        const T* from = a + (transpose_a ? first : first * k);
        if (by == By::one_kernel) xsmm(to, from, b, s, false);
        else if (by == By::blocks) xsmm_blocked(to, from, b, s);
        else if constexpr (sizeof(T) == 4) sgemm(to, from, b, s, transpose_b);
        done(first, first + s.m);
    };
    if (count == 1) return run(0);
    parallel(count, ns / double(count), [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) run(first);
    });
}
template void gemm(float*, const float*, const float*, std::int64_t, std::int64_t, std::int64_t, bool, bool, RowsDone);
template void gemm(double*, const double*, const double*, std::int64_t, std::int64_t, std::int64_t, bool, bool,
                   RowsDone);

}  // namespace xg::kernel
