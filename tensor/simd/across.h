#pragma once
// Across the lanes of batches: sums and maxima in a tree, blocks transposed in registers.
#include <algorithm>
#include <utility>
#include "batch.h"

namespace xg {

namespace detail {
template <int s, class T, int... l> Batch<T> exchanged(Batch<T> x, std::integer_sequence<int, l...>) {
    return Batch<T>(__builtin_shufflevector(x.v, x.v, (l ^ s)...));
}
/// Every lane becomes f of all.
template <class T, class F> Batch<T> across(Batch<T> x, const F& f) {
    constexpr auto each = std::make_integer_sequence<int, int(lanes<T>)>{};
    if constexpr (lanes<T> >= 16) x = f(x, exchanged<8>(x, each));
    if constexpr (lanes<T> >= 8) x = f(x, exchanged<4>(x, each));
    if constexpr (lanes<T> >= 4) x = f(x, exchanged<2>(x, each));
    return f(x, exchanged<1>(x, each));
}
/// One step of a transpose: the off-diagonal blocks of size s change places.
template <int s, class T, int... l> void exchange_blocks(Batch<T>* rows, std::integer_sequence<int, l...>) {
    constexpr int n = sizeof...(l);
    for (int i = 0; i < n; ++i) {
        if (i & s) continue;
        const auto a = rows[i].v, b = rows[i | s].v;
        rows[i].v = __builtin_shufflevector(a, b, (l & s ? n + (l ^ s) : l)...);
        rows[i | s].v = __builtin_shufflevector(a, b, (l & s ? n + l : l ^ s)...);
    }
}
}  // namespace detail

template <class T> T sum_across(Batch<T> x) {
    return detail::across(x, [](Batch<T> a, Batch<T> b) { return a + b; }).lane(0);
}
/// NaN if any lane is.
template <class T> T max_across(Batch<T> x) {
    return detail::across(x, [](Batch<T> a, Batch<T> b) { return maximum(a, b); }).lane(0);
}
/// As many rows as a batch has lanes become columns.
template <class T> void transpose_square(Batch<T>* rows) {
    constexpr auto each = std::make_integer_sequence<int, int(lanes<T>)>{};
    [&]<int... k>(std::integer_sequence<int, k...>) {
        ((1 << k < lanes<T> ? detail::exchange_blocks<(1 << k < lanes<T> ? 1 << k : 1)>(rows, each) : void()), ...);
    }
    (std::make_integer_sequence<int, 4>{});
}
/// to[c * to_stride + r] = scale * from[r * from_stride + c].
template <class T> void transpose_scaled(T* to, std::int64_t to_stride, const T* from, std::int64_t from_stride,
                                         std::int64_t rows, std::int64_t columns, T scale) {
    constexpr auto W = lanes<T>;
    for (std::int64_t r0 = 0; r0 < rows; r0 += W)
        for (std::int64_t c0 = 0; c0 < columns; c0 += W) {
            if (r0 + W <= rows && c0 + W <= columns) {
                Batch<T> block[W];
                for (int i = 0; i < W; ++i) block[i] = Batch<T>::load(from + (r0 + i) * from_stride + c0) * scale;
                transpose_square(block);
                for (int i = 0; i < W; ++i) block[i].store(to + (c0 + i) * to_stride + r0);
                continue;
            }
            for (auto c = c0; c < std::min(columns, c0 + W); ++c)
                for (auto r = r0; r < std::min(rows, r0 + W); ++r)
                    to[c * to_stride + r] = from[r * from_stride + c] * scale;
        }
}

}  // namespace xg
