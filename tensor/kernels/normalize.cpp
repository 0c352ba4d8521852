#include "normalize.h"
#include <algorithm>
#include <cmath>
#include <type_traits>
#include "../parallel.h"
#include "../simd/across.h"
#include "../simd/math.h"
#include "../tensor.h"

namespace xg::kernel {

namespace {
/// One row, a vector at a time. Whole vectors are read past its end, and stored where the next row of this part
/// follows.
template <class T> struct Row {
    static constexpr std::int64_t W = lanes<T>;
    std::int64_t n, whole = n / W * W;
    Mask<T> tail = first_lanes<T>(n - whole);

    explicit Row(std::int64_t count) : n(count) {}
    /// f(column, values, more sums...): v is 0 past the end if f maps 0 to 0.
    template <class F> void each(const F& f) const {
        std::int64_t c = 0;
        for (; c < whole; c += W) f(c, [](Batch<T> v) { return v; });
        if (c < n) f(c, [this](Batch<T> v) { return where(tail, v, Batch<T>(T(0))); });
    }
    /// Stores may spill over the end of row r if that stays within rows that are still to be written, up to `end`.
    bool spills(std::int64_t r, std::int64_t end) const { return whole == n || (end - 1 - r) * n >= whole + W - n; }
};
template <class T> void store(T* to, Batch<T> v, std::int64_t left, bool spill) {
    if (spill || left >= lanes<T>) v.store(to);
    else v.store_first(to, left);
}

template <class T> std::int64_t blocks_of(std::int64_t rows, std::int64_t n) {
    // A part keeps two rows of sums: not more than 32, and each of at least 64 KB.
    return std::clamp<std::int64_t>(rows * n * std::int64_t(sizeof(T)) / 65536, 1,
                                    std::clamp<std::int64_t>(rows, 1, 32));
}
/// Calls body(part, first row, last row) for parts that depend on the sizes alone.
template <class T, class Body> void in_blocks(std::int64_t rows, std::int64_t n, double ns, const Body& body) {
    const std::int64_t count = blocks_of<T>(rows, n);
    parallel(count, ns * double(rows) * double(n) / double(count), [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) body(first, rows * first / count, rows * (first + 1) / count);
    });
}
/// Sums of n columns, `kinds` rows of them, one set a part: added in a fixed tree.
template <class T> class PartSums {
public:
    PartSums(std::int64_t parts, std::int64_t n, int kinds)
        : stride_((n + 2 * lanes<T> - 1) / lanes<T> * lanes<T>),
          parts_(parts),
          n_(n),
          kinds_(kinds),
          values_(Tensor::empty({parts * kinds * stride_}, dtype_of<T>)) {
        std::fill_n(values_.template raw<T>(), parts * kinds * stride_, T(0));
    }
    T* of(std::int64_t part, int kind) const { return values_.template raw<T>() + (part * kinds_ + kind) * stride_; }
    void finish(int kind, T* to) const {
        for (std::int64_t step = 1; step < parts_; step *= 2)
            for (std::int64_t i = 0; i + step < parts_; i += 2 * step) {
                T *left = of(i, kind), *right = of(i + step, kind);
                for (std::int64_t c = 0; c < n_; c += lanes<T>)
                    (Batch<T>::load(left + c) + Batch<T>::load(right + c)).store(left + c);
            }
        std::copy_n(of(0, kind), n_, to);
    }

private:
    std::int64_t stride_, parts_, n_;
    int kinds_;
    Tensor values_;
};
}  // namespace

template <class T> [[gnu::flatten]] void normalize_rows(T* y, T* statistics, const T* x, const T* gamma, const T* beta,
                                                        const RowNorm& norm) {
    using B = Batch<T>;
    const auto n = norm.n;
    const Row<T> row(n);
    parallel(norm.rows, 0.05 * sizeof(T) * double(n), [&](std::int64_t first, std::int64_t last) {
        for (auto r = first; r < last; ++r) {
            const T* in = x + r * n;
            T* out = y + r * n;
            T mean = 0;
            if (norm.center) {
                B s[2] = {0, 0};
                row.each([&](std::int64_t c, auto cut) { s[c / lanes<T> & 1] += cut(B::load(in + c)); });
                mean = sum_across(s[0] + s[1]) / T(n);
            }
            B q[2] = {0, 0};
            row.each([&](std::int64_t c, auto cut) {
                const B d = cut(B::load(in + c) - mean);
                q[c / lanes<T> & 1] += d * d;
            });
            const T inverse = T(1) / std::sqrt(sum_across(q[0] + q[1]) / T(n) + T(norm.epsilon));
            statistics[2 * r] = mean, statistics[2 * r + 1] = inverse;
            const bool spill = row.spills(r, last);
            const B scale(inverse), shift(mean);
            for (std::int64_t c = 0; c < n; c += lanes<T>) {
                B v = (B::load(in + c) - shift) * scale;
                if (gamma) v *= B::load(gamma + c);
                if (beta) v += B::load(beta + c);
                store(out + c, v, n - c, spill);
            }
        }
    });
}

template <class T> [[gnu::flatten]] void normalize_rows_backward(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x,
                                                                 const T* statistics, const T* gamma,
                                                                 const RowNorm& norm) {
    using B = Batch<T>;
    const auto n = norm.n;
    const Row<T> row(n);
    const PartSums<T> sums(dgamma || dbeta ? blocks_of<T>(norm.rows, n) : 0, n, 2);
    in_blocks<T>(norm.rows, n, 0.08 * sizeof(T), [&](std::int64_t part, std::int64_t first, std::int64_t last) {
        T *gamma_sum = dgamma || dbeta ? sums.of(part, 0) : nullptr, *beta_sum = gamma_sum ? sums.of(part, 1) : nullptr;
        for (auto r = first; r < last; ++r) {
            const T *in = x + r * n, *g = dy + r * n;
            T* out = dx + r * n;
            const B mean(statistics[2 * r]), inverse(statistics[2 * r + 1]);
            B s[2] = {0, 0}, q[2] = {0, 0};
            row.each([&](std::int64_t c, auto cut) {
                const B d = B::load(g + c), h = (B::load(in + c) - mean) * inverse;
                const B scaled = cut(gamma ? d * B::load(gamma + c) : d);
                const int k = c / lanes<T> & 1;
                s[k] += scaled;
                q[k] += cut(scaled * h);
                if (gamma_sum) {
                    (B::load(gamma_sum + c) + d * h).store(gamma_sum + c);
                    (B::load(beta_sum + c) + d).store(beta_sum + c);
                }
            });
            const B m(norm.center ? sum_across(s[0] + s[1]) / T(n) : T(0)), p(sum_across(q[0] + q[1]) / T(n));
            const bool spill = !norm.add && row.spills(r, last);
            for (std::int64_t c = 0; c < n; c += lanes<T>) {
                const B d = B::load(g + c), h = (B::load(in + c) - mean) * inverse;
                B v = inverse * ((gamma ? d * B::load(gamma + c) : d) - m - h * p);
                if (norm.add) v += B::load(out + c);
                store(out + c, v, n - c, spill);
            }
        }
    });
    if (dgamma) sums.finish(0, dgamma);
    if (dbeta) sums.finish(1, dbeta);
}

namespace {
/// f(first column, how many vectors as a constant) for strips of neighbouring vectors, which share their cache lines'
/// way to the core.
template <class T, class F> void in_strips(std::int64_t n, const F& f) {
    constexpr auto W = lanes<T>;
    std::int64_t c = 0;
    for (; c + 3 * W < n; c += 4 * W) f(c, std::integral_constant<int, 4>{});
    for (; c < n; c += W) f(c, std::integral_constant<int, 1>{});
}
/// The mean and the sum of squared distances from it of some rows of every column.
template <class T> void block_moments(T* mean, T* squares, const T* x, std::int64_t rows, std::int64_t n) {
    using B = Batch<T>;
    in_strips<T>(n, [&](std::int64_t c, auto strip) {
        constexpr int S = decltype(strip)::value;
        B m[S], q[S];
        for (int k = 0; k < S; ++k) m[k] = q[k] = B(0);
        for (std::int64_t r = 0; r < rows; ++r)
            for (int k = 0; k < S; ++k) m[k] += B::load(x + r * n + c + k * lanes<T>);
        for (int k = 0; k < S; ++k) m[k] /= B(T(rows));
        for (std::int64_t r = 0; r < rows; ++r)
            for (int k = 0; k < S; ++k) {
                const B d = B::load(x + r * n + c + k * lanes<T>) - m[k];
                q[k] += d * d;
            }
        for (int k = 0; k < S; ++k) m[k].store(mean + c + k * lanes<T>), q[k].store(squares + c + k * lanes<T>);
    });
}
}  // namespace

template <class T> void column_moments(T* mean, T* variance, const T* x, std::int64_t rows, std::int64_t n) {
    using B = Batch<T>;
    const auto parts = blocks_of<T>(rows, n);
    const PartSums<T> sums(parts, n, 2);
    const auto end_of = [&](std::int64_t part) { return rows * std::min(part, parts) / parts; };
    in_blocks<T>(rows, n, 0.05 * sizeof(T), [&](std::int64_t part, std::int64_t first, std::int64_t last) {
        block_moments(sums.of(part, 0), sums.of(part, 1), x + first * n, last - first, n);
    });
    // Means and squares of neighbouring parts are put together in a fixed tree (Chan et al. 1983).
    for (std::int64_t step = 1; step < parts; step *= 2)
        for (std::int64_t i = 0; i + step < parts; i += 2 * step) {
            const T left = T(end_of(i + step) - end_of(i)), right = T(end_of(i + 2 * step) - end_of(i + step)),
                    total = left + right;
            T *m = sums.of(i, 0), *q = sums.of(i, 1), *m2 = sums.of(i + step, 0), *q2 = sums.of(i + step, 1);
            for (std::int64_t c = 0; c < n; c += lanes<T>) {
                const B d = B::load(m2 + c) - B::load(m + c);
                (B::load(m + c) + d * B(right / total)).store(m + c);
                (B::load(q + c) + B::load(q2 + c) + d * d * B(left * right / total)).store(q + c);
            }
        }
    std::copy_n(sums.of(0, 0), n, mean);
    for (std::int64_t c = 0; c < n; ++c) variance[c] = sums.of(0, 1)[c] / T(rows);
}

template <class T> void column_products(T* sum_dy, T* sum_dy_x, const T* dy, const T* x, const T* mean,
                                        std::int64_t rows, std::int64_t n) {
    using B = Batch<T>;
    const PartSums<T> sums(blocks_of<T>(rows, n), n, 2);
    in_blocks<T>(rows, n, 0.05 * sizeof(T), [&](std::int64_t part, std::int64_t first, std::int64_t last) {
        in_strips<T>(n, [&](std::int64_t c, auto strip) {
            constexpr int S = decltype(strip)::value;
            B s[S], p[S], m[S];
            for (int k = 0; k < S; ++k) s[k] = p[k] = B(0), m[k] = B::load(mean + c + k * lanes<T>);
            for (auto r = first; r < last; ++r)
                for (int k = 0; k < S; ++k) {
                    const auto at = r * n + c + k * lanes<T>;
                    const B d = B::load(dy + at);
                    s[k] += d;
                    p[k] += d * (B::load(x + at) - m[k]);
                }
            for (int k = 0; k < S; ++k)
                s[k].store(sums.of(part, 0) + c + k * lanes<T>), p[k].store(sums.of(part, 1) + c + k * lanes<T>);
        });
    });
    sums.finish(0, sum_dy);
    sums.finish(1, sum_dy_x);
}

#define XG_FOR(T)                                                                                              \
    template void normalize_rows(T*, T*, const T*, const T*, const T*, const RowNorm&);                        \
    template void normalize_rows_backward(T*, T*, T*, const T*, const T*, const T*, const T*, const RowNorm&); \
    template void column_moments(T*, T*, const T*, std::int64_t, std::int64_t);                                \
    template void column_products(T*, T*, const T*, const T*, const T*, std::int64_t, std::int64_t);
XG_FOR(float)
XG_FOR(double)
#undef XG_FOR

}  // namespace xg::kernel
