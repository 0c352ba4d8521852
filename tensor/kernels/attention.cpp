#include "attention.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include "../parallel.h"
#include "../simd/across.h"
#include "../simd/math.h"
#include "../tensor.h"
#include "block_product.h"

namespace xg::kernel {

namespace {
constexpr std::int64_t block = 32, chunk = 256;  // queries, keys at a time
/// A score that does not count. Finite, so that differences with it are no NaN.
template <class T> constexpr T nothing = std::numeric_limits<T>::lowest() / 4;

std::int64_t round_up(std::int64_t n, std::int64_t to) { return (n + to - 1) / to * to; }
/// Between rows of n elements: whole vectors, and never a multiple of 4096 bytes, which would all meet in one cache
/// set.
template <class T> std::int64_t row_stride(std::int64_t n) {
    const auto stride = round_up(n, lanes<T>);
    return stride * std::int64_t(sizeof(T)) % 4096 ? stride : stride + lanes<T>;
}

/// Where one head's rows are in a tensor.
struct Rows {
    std::int64_t first, stride;
};
Rows rows_of(const AttentionSizes& s, std::int64_t heads, std::int64_t steps, std::int64_t n, std::int64_t b,
             std::int64_t h) {
    if (s.heads_first) return {(b * heads + h) * steps * n, n};
    return {b * steps * heads * n + h * n, heads * n};
}
/// to = scale * from, n of each.
template <class T> void scale_row(T* to, const T* from, std::int64_t n, T scale) {
    std::int64_t c = 0;
    for (; c + lanes<T> <= n; c += lanes<T>) (Batch<T>::load(from + c) * scale).store(to + c);
    for (; c < n; ++c) to[c] = from[c] * scale;
}
template <class T> T dot(const T* a, const T* b, std::int64_t n) {
    Batch<T> s(0);
    std::int64_t c = 0;
    for (; c + lanes<T> <= n; c += lanes<T>) s += Batch<T>::load(a + c) * Batch<T>::load(b + c);
    T total = sum_across(s);
    for (; c < n; ++c) total += a[c] * b[c];
    return total;
}

/// The keys [first, last) that query i may attend, masks aside.
struct Range {
    std::int64_t first, last;
};
Range reach(const AttentionSizes& s, std::int64_t i) {
    Range r{0, s.key_steps};
    if (s.causal) r.last = std::min(r.last, i + 1);
    if (s.window) r.first = std::max<std::int64_t>(0, i - s.window + 1), r.last = std::min(r.last, i + s.window);
    return {std::min(r.first, r.last), r.last};
}
/// Calls f(first, width) for the chunks of keys that some query of rows [i0, i1) reaches.
template <class F> void over_chunks(const AttentionSizes& s, std::int64_t i0, std::int64_t i1, const F& f) {
    const auto first = reach(s, i0).first / 64 * 64, last = reach(s, i1 - 1).last;
    for (auto c = first; c < last; c += chunk) f(c, std::min(chunk, last - c));
}
/// What dropout does to keys [c0, c0 + n) of one query; c0 is a multiple of 64.
template <class T> void keep_row(T* keep, const AttentionSizes& s, std::int64_t row, std::int64_t c0, std::int64_t n) {
    const auto threshold = std::uint32_t(std::min(s.dropout * 4294967296.0, 4294967295.0));
    const T kept = s.dropout < 1 ? T(1 / (1 - s.dropout)) : T(0);
    const std::uint64_t blocks = std::uint64_t(s.key_steps + 63) / 64;
    std::uint32_t words[64];
    for (std::int64_t c = 0; c < n; c += 64) {
        detail::philox(words, s.key, std::uint64_t(row) * blocks + std::uint64_t(c0 + c) / 64);
        for (std::int64_t k = 0; k < std::min<std::int64_t>(64, n - c); ++k)
            keep[c + k] = words[k] >= threshold ? kept : T(0);
    }
}
/// Scores of keys [c0, c0 + n) that query i does not attend become `nothing`, up to whole vectors.
template <class T> void mask_row(T* row, const AttentionSizes& s, std::int64_t b, std::int64_t h, std::int64_t i,
                                 std::int64_t c0, std::int64_t n) {
    const Range r = reach(s, i);
    const auto first = std::clamp<std::int64_t>(r.first - c0, 0, n), last = std::clamp<std::int64_t>(r.last - c0, 0, n);
    std::fill(row, row + first, nothing<T>);
    std::fill(row + last, row + round_up(n, lanes<T>), nothing<T>);
    if (!s.mask) return;
    const bool* m = s.mask + b * s.mask_strides[0] + h * s.mask_strides[1] + i * s.mask_strides[2];
    if (s.mask_strides[3])
        for (auto j = first; j < last; ++j) row[j] = m[c0 + j] ? row[j] : nothing<T>;
    else if (!*m) std::fill(row + first, row + last, nothing<T>);
}

/// One query's running softmax: its largest score, the sum of the others' shares.
template <class T> struct Running {
    T top = nothing<T>, total = 0;

    /// row becomes exp(row - top), with the new top; returns by what earlier values have to be multiplied.
    T take(T* row, std::int64_t n) {
        using B = Batch<T>;
        B most(nothing<T>), s(0);
        for (std::int64_t j = 0; j < n; j += lanes<T>) most = maximum(most, B::load(row + j));
        const T largest = max_across(maximum(most, B(top)));
        const T old = largest <= nothing<T> ? T(0) : std::exp(std::min(T(0), top - largest));
        const B from(largest <= nothing<T> ? T(0) : largest);  // where nothing counts every share is 0
        for (std::int64_t j = 0; j < n; j += lanes<T>) {
            const B e = exp(B::load(row + j) - from);
            e.store(row + j);
            s += e;
        }
        top = largest;
        total = total * old + sum_across(s);
        return old;
    }
    T log_sum() const { return total > 0 || total != total ? top + std::log(total) : T(0); }
};

template <class T> class Forward {
public:
    Forward(T* y, T* log_sums, const T* q, const T* k, const T* v, const AttentionSizes& s)
        : y_(y),
          log_sums_(log_sums),
          q_(q),
          k_(k),
          v_(v),
          s_(s),
          width_(row_stride<T>(std::min(chunk, s.key_steps))),
          keys_(row_stride<T>(s.key_steps)),
          scratch_(Tensor::empty({s.d * keys_ + block * (width_ + s.dv) + chunk}, dtype_of<T>)) {}
    void head(std::int64_t b, std::int64_t h) {
        const auto key_head = h / (s_.heads / s_.key_heads);
        const Rows k = rows_of(s_, s_.key_heads, s_.key_steps, s_.d, b, key_head);
        transpose_scaled(scratch_.template raw<T>(), keys_, k_ + k.first, k.stride, s_.key_steps, s_.d, T(s_.scale));
        for (std::int64_t i = 0; i < s_.steps; i += block) rows(b, h, key_head, i, std::min(s_.steps, i + block));
    }

private:
    void rows(std::int64_t b, std::int64_t h, std::int64_t key_head, std::int64_t i0, std::int64_t i1) {
        const Rows q = rows_of(s_, s_.heads, s_.steps, s_.d, b, h), y = rows_of(s_, s_.heads, s_.steps, s_.dv, b, h),
                   v = rows_of(s_, s_.key_heads, s_.key_steps, s_.dv, b, key_head);
        T *keys = scratch_.template raw<T>(), *scores = keys + s_.d * keys_, *sums = scores + block * width_,
          *keep = sums + block * s_.dv;
        Running<T> running[block];
        const auto count = i1 - i0;
        bool first = true;
        over_chunks(s_, i0, i1, [&](std::int64_t c0, std::int64_t n) {
            block_product(scores, q_ + q.first + i0 * q.stride, keys + c0,
                          {.m = count, .n = n, .k = s_.d, .lda = q.stride, .ldb = keys_, .ldc = width_});
            for (std::int64_t r = 0; r < count; ++r) {
                T* row = scores + r * width_;
                mask_row(row, s_, b, h, i0 + r, c0, n);
                const T old = running[r].take(row, n);
                if (!first && old != 1) scale_row(sums + r * s_.dv, sums + r * s_.dv, s_.dv, old);
                if (s_.dropout > 0) {
                    keep_row(keep, s_, (b * s_.heads + h) * s_.steps + i0 + r, c0, n);
                    for (std::int64_t j = 0; j < n; ++j) row[j] *= keep[j];
                }
            }
            block_product(
                sums, scores, v_ + v.first + c0 * v.stride,
                {.m = count, .n = s_.dv, .k = n, .lda = width_, .ldb = v.stride, .ldc = s_.dv, .add = !first});
            first = false;
        });
        for (std::int64_t r = 0; r < count; ++r) {
            const T total = running[r].total, inverse = total > 0 || total != total ? 1 / total : T(0);
            T* out = y_ + y.first + (i0 + r) * y.stride;
            if (first) std::fill_n(out, s_.dv, T(0));
            else scale_row(out, sums + r * s_.dv, s_.dv, inverse);
            log_sums_[(b * s_.heads + h) * s_.steps + i0 + r] = running[r].log_sum();
        }
    }

    T *y_, *log_sums_;
    const T *q_, *k_, *v_;
    const AttentionSizes& s_;
    std::int64_t width_, keys_;
    Tensor scratch_;
};

template <class T> struct Gradients {
    T *dq, *dk, *dv;
    const T *dy, *y, *log_sums, *q, *k, *v;
};
template <class T> class Reverse {
public:
    Reverse(const Gradients<T>& g, const AttentionSizes& s)
        : g_(g),
          s_(s),
          width_(row_stride<T>(std::min(chunk, s.key_steps))),
          keys_(row_stride<T>(s.key_steps)),
          scratch_(Tensor::empty(
              {(s.d + s.dv) * keys_ + s.key_steps * (s.d + s.dv) + block * (2 * width_ + s.d) + chunk}, dtype_of<T>)) {
        keys_t_ = scratch_.template raw<T>();
        values_t_ = keys_t_ + s.d * keys_;
        dk_ = values_t_ + s.dv * keys_;
        dv_ = dk_ + s.key_steps * s.d;
        shares_ = dv_ + s.key_steps * s.dv;
        slopes_ = shares_ + block * width_;
        dq_ = slopes_ + block * width_;
        keep_ = dq_ + block * s.d;
    }
    /// One head of the keys, and all heads of the queries that share it.
    void head(std::int64_t b, std::int64_t key_head) {
        const Rows k = rows_of(s_, s_.key_heads, s_.key_steps, s_.d, b, key_head),
                   v = rows_of(s_, s_.key_heads, s_.key_steps, s_.dv, b, key_head);
        transpose_scaled(keys_t_, keys_, g_.k + k.first, k.stride, s_.key_steps, s_.d, T(s_.scale));
        transpose_scaled(values_t_, keys_, g_.v + v.first, v.stride, s_.key_steps, s_.dv, T(1));
        std::fill_n(dk_, s_.key_steps * (s_.d + s_.dv), T(0));
        const auto group = s_.heads / s_.key_heads;
        for (auto h = key_head * group; h < (key_head + 1) * group; ++h)
            for (std::int64_t i = 0; i < s_.steps; i += block) rows(b, h, k, i, std::min(s_.steps, i + block));
        for (std::int64_t j = 0; j < s_.key_steps; ++j) {
            scale_row(g_.dk + k.first + j * k.stride, dk_ + j * s_.d, s_.d, T(s_.scale));
            std::copy_n(dv_ + j * s_.dv, s_.dv, g_.dv + v.first + j * v.stride);
        }
    }

private:
    void rows(std::int64_t b, std::int64_t h, const Rows& k, std::int64_t i0, std::int64_t i1) {
        const Rows q = rows_of(s_, s_.heads, s_.steps, s_.d, b, h), y = rows_of(s_, s_.heads, s_.steps, s_.dv, b, h);
        const T *in = g_.q + q.first + i0 * q.stride, *dy = g_.dy + y.first + i0 * y.stride;
        const auto count = i1 - i0, row0 = (b * s_.heads + h) * s_.steps + i0;
        T deltas[block];
        for (std::int64_t r = 0; r < count; ++r)
            deltas[r] = dot(dy + r * y.stride, g_.y + y.first + (i0 + r) * y.stride, s_.dv);
        bool first = true;
        over_chunks(s_, i0, i1, [&](std::int64_t c0, std::int64_t n) {
            block_product(shares_, in, keys_t_ + c0,
                          {.m = count, .n = n, .k = s_.d, .lda = q.stride, .ldb = keys_, .ldc = width_});
            block_product(slopes_, dy, values_t_ + c0,
                          {.m = count, .n = n, .k = s_.dv, .lda = y.stride, .ldb = keys_, .ldc = width_});
            for (std::int64_t r = 0; r < count; ++r) {
                mask_row(shares_ + r * width_, s_, b, h, i0 + r, c0, n);
                slope_row(shares_ + r * width_, slopes_ + r * width_, row0 + r, deltas[r], c0, n);
            }
            block_product(dv_ + c0 * s_.dv, shares_, dy,
                          {.m = n,
                           .n = s_.dv,
                           .k = count,
                           .lda = width_,
                           .ldb = y.stride,
                           .ldc = s_.dv,
                           .transpose_a = true,
                           .add = true});
            block_product(dk_ + c0 * s_.d, slopes_, in,
                          {.m = n,
                           .n = s_.d,
                           .k = count,
                           .lda = width_,
                           .ldb = q.stride,
                           .ldc = s_.d,
                           .transpose_a = true,
                           .add = true});
            block_product(dq_, slopes_, g_.k + k.first + c0 * k.stride,
                          {.m = count, .n = s_.d, .k = n, .lda = width_, .ldb = k.stride, .ldc = s_.d, .add = !first});
            first = false;
        });
        for (std::int64_t r = 0; r < count; ++r) {
            T* out = g_.dq + q.first + (i0 + r) * q.stride;
            if (first) std::fill_n(out, s_.d, T(0));
            else scale_row(out, dq_ + r * s_.d, s_.d, T(s_.scale));
        }
    }
    /// Scores become the shares that the values were weighted with, gradients of these the gradients of the scores.
    void slope_row(T* share, T* slope, std::int64_t row, T delta_of_row, std::int64_t c0, std::int64_t n) {
        using B = Batch<T>;
        const B log_sum(g_.log_sums[row]), delta(delta_of_row);
        if (s_.dropout > 0) {
            keep_row(keep_, s_, row, c0, n);
            for (std::int64_t j = 0; j < n; j += lanes<T>) {
                const B p = exp(B::load(share + j) - log_sum), keep = B::load(keep_ + j);
                (p * keep).store(share + j);
                (p * (keep * B::load(slope + j) - delta)).store(slope + j);
            }
            return;
        }
        for (std::int64_t j = 0; j < n; j += lanes<T>) {
            const B p = exp(B::load(share + j) - log_sum);
            p.store(share + j);
            (p * (B::load(slope + j) - delta)).store(slope + j);
        }
    }

    const Gradients<T> g_;
    const AttentionSizes& s_;
    std::int64_t width_, keys_;
    Tensor scratch_;
    T *keys_t_, *values_t_, *dk_, *dv_, *shares_, *slopes_, *dq_, *keep_;
};
double nanoseconds(const AttentionSizes& s) {
    return 0.05 * double(s.steps) * double(s.key_steps) * double(s.d + s.dv) * (s.causal ? 0.5 : 1);
}
}  // namespace

template <class T> void attention(T* y, T* log_sums, const T* q, const T* k, const T* v, const AttentionSizes& s) {
    parallel(s.batch * s.heads, nanoseconds(s), [&](std::int64_t first, std::int64_t last) {
        Forward<T> forward(y, log_sums, q, k, v, s);
        for (; first < last; ++first) forward.head(first / s.heads, first % s.heads);
    });
}
template <class T> void attention_backward(T* dq, T* dk, T* dv, const T* dy, const T* y, const T* log_sums, const T* q,
                                           const T* k, const T* v, const AttentionSizes& s) {
    parallel(s.batch * s.key_heads, 2.5 * nanoseconds(s) * double(s.heads / s.key_heads),
             [&](std::int64_t first, std::int64_t last) {
                 Reverse<T> reverse({dq, dk, dv, dy, y, log_sums, q, k, v}, s);
                 for (; first < last; ++first) reverse.head(first / s.key_heads, first % s.key_heads);
             });
}
template <class T> void attention_keep(T* keep, const AttentionSizes& s) {
    for (std::int64_t row = 0; row < s.batch * s.heads * s.steps; ++row)
        keep_row(keep + row * s.key_steps, s, row, 0, s.key_steps);
}

#define XG_FOR(T)                                                                                            \
    template void attention(T*, T*, const T*, const T*, const T*, const AttentionSizes&);                    \
    template void attention_backward(T*, T*, T*, const T*, const T*, const T*, const T*, const T*, const T*, \
                                     const AttentionSizes&);                                                 \
    template void attention_keep(T*, const AttentionSizes&);
XG_FOR(float)
XG_FOR(double)
#undef XG_FOR

}  // namespace xg::kernel
