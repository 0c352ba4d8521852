#include "gemm.h"
#include <dnnl.h>
#include <libxsmm.h>
#include <algorithm>
#include <cstring>
#include "../parallel.h"
#include "../simd/batch.h"
#include "../tensor.h"

extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int);
}

namespace xg::kernel {

namespace {
/// oneDNN's own threads would fight with ours.
class OneThread {
public:
    OneThread() : before_(omp_get_max_threads()) {
        if (before_ != 1) omp_set_num_threads(1);
    }
    ~OneThread() {
        if (before_ != 1) omp_set_num_threads(before_);
    }
    OneThread(const OneThread&) = delete;

private:
    int before_;
};

/// One exchange of a register transpose: the off-diagonal blocks of size s change places.
template <int s, class T, int... l> void exchange(Batch<T>* rows, std::integer_sequence<int, l...>) {
    constexpr int n = sizeof...(l);
    for (int i = 0; i < n; ++i) {
        if (i & s) continue;
        const auto a = rows[i].v, b = rows[i | s].v;
        rows[i].v = __builtin_shufflevector(a, b, (l & s ? n + (l ^ s) : l)...);
        rows[i | s].v = __builtin_shufflevector(a, b, (l & s ? n + l : l ^ s)...);
    }
}

/// out[c][r] = in[r][c]
template <class T> void transpose(T* __restrict out, const T* __restrict in, std::int64_t rows, std::int64_t cols) {
    constexpr auto W = lanes<T>;
    constexpr auto each = std::make_integer_sequence<int, int(W)>{};
    for (std::int64_t r0 = 0; r0 < rows; r0 += W)
        for (std::int64_t c0 = 0; c0 < cols; c0 += W) {
            if (r0 + W <= rows && c0 + W <= cols) {
                Batch<T> tile[W];
                for (int i = 0; i < W; ++i) tile[i] = Batch<T>::load(in + (r0 + i) * cols + c0);
                [&]<int... k>(std::integer_sequence<int, k...>) {
                    ((1 << k < W ? exchange<(1 << k < W ? 1 << k : 1)>(tile, each) : void()), ...);
                }
                (std::make_integer_sequence<int, 4>{});
                for (int i = 0; i < W; ++i) tile[i].store(out + (c0 + i) * rows + r0);
            } else {
                for (auto c = c0; c < std::min(cols, c0 + W); ++c)
                    for (auto r = r0; r < std::min(rows, r0 + W); ++r) out[c * rows + r] = in[r * cols + c];
            }
        }
}

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
    for (const auto x : {s.m, s.n, s.k, s.lda}) hash = (hash + std::uint64_t(x)) * 0x9E3779B97F4A7C15u;
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
    const std::int64_t least = by == By::onednn ? 512 : m >= 256 ? 64 : 32;
    const auto pieces = std::clamp<std::int64_t>(std::int64_t(ns / piece_ns), 1, 64);
    return std::max(least, ((m + pieces - 1) / pieces + 15) / 16 * 16);
}
/// Whether reading b transposed where it lies is dearer than a copy, which pays from some rows of a on.
template <class T> bool copy_first(std::int64_t m, By by) { return by != By::onednn || m >= 96; }
}  // namespace

template <class T> void gemm(T* c, const T* a, const T* b, std::int64_t m, std::int64_t n, std::int64_t k,
                             bool transpose_a, bool transpose_b, RowsDone done) {
    if (m == 0 || n == 0) return;
    if (k == 0) {
        std::fill_n(c, m * n, T(0));
        return done(0, m);
    }
    const By by = choose<T>(n, k, transpose_a);
    Tensor copy;
    if (transpose_b && copy_first<T>(m, by)) {
        copy = Tensor::empty({k, n}, dtype_of<T>);
        transpose(copy.raw<T>(), b, n, k);
        b = copy.raw<T>();
        transpose_b = false;
    }
    const Sizes all{m, n, k, transpose_a ? m : k, transpose_b ? k : n, n, transpose_a};
    const double ns = double(m) * double(n) * double(k) * sizeof(T) / 4 * 0.01;
    const auto rows = rows_of_a_piece(m, ns, by), count = (m + rows - 1) / rows;
    const auto run = [&](std::int64_t piece) {
        const std::int64_t first = piece * rows;
        Sizes s = all;
        s.m = std::min(rows, m - first);
        T* to = c + first * n;
        const T* from = a + (transpose_a ? first : first * k);
        if (by == By::one_kernel) xsmm(to, from, b, s, false);
        else if (by == By::blocks) xsmm_blocked(to, from, b, s);
        else if constexpr (sizeof(T) == 4) {
            const OneThread guard;
            dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', s.m, n, k, 1.f, from, s.lda, b, s.ldb, 0.f, to,
                       n);
        }
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
