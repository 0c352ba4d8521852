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

}  // namespace xg::kernel
