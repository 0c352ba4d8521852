#pragma once
#include <algorithm>
#include <utility>
#include "../simd/batch.h"

namespace xg::kernel {

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

/// One W x W block of it.
template <class T>
void transpose_tile(T* __restrict out, const T* __restrict in, std::int64_t out_stride, std::int64_t in_stride) {
    constexpr auto W = lanes<T>;
    constexpr auto each = std::make_integer_sequence<int, int(W)>{};
    Batch<T> tile[W];
    for (int i = 0; i < W; ++i) tile[i] = Batch<T>::load(in + i * in_stride);
    [&]<int... k>(std::integer_sequence<int, k...>) {
        ((1 << k < W ? exchange<(1 << k < W ? 1 << k : 1)>(tile, each) : void()), ...);
    }
    (std::make_integer_sequence<int, 4>{});
    for (int i = 0; i < W; ++i) tile[i].store(out + i * out_stride);
}

/// out[c][r] = in[r][c]; the rows of either may lie further apart than they are long.
template <class T> void transpose(T* __restrict out, const T* __restrict in, std::int64_t rows, std::int64_t cols,
                                  std::int64_t out_stride, std::int64_t in_stride) {
    constexpr auto W = lanes<T>;
    if (rows < W || cols < W) {
        for (std::int64_t c = 0; c < cols; ++c)
            for (std::int64_t r = 0; r < rows; ++r) out[c * out_stride + r] = in[r * in_stride + c];
        return;
    }
    // The last tiles overlap those before them where the extents are no multiples.
    const auto tile = [&](std::int64_t r, std::int64_t c) {
        r = std::min(r, rows - W), c = std::min(c, cols - W);
        transpose_tile(out + c * out_stride + r, in + r * in_stride + c, out_stride, in_stride);
    };
    // Along the shorter side first: what is beside a tile on either side is then still in the cache.
    if (rows < cols)
        for (std::int64_t c = 0; c < cols; c += W)
            for (std::int64_t r = 0; r < rows; r += W) tile(r, c);
    else
        for (std::int64_t r = 0; r < rows; r += W)
            for (std::int64_t c = 0; c < cols; c += W) tile(r, c);
}
template <class T> void transpose(T* __restrict out, const T* __restrict in, std::int64_t rows, std::int64_t cols) {
    transpose(out, in, rows, cols, rows, cols);
}

}  // namespace xg::kernel
