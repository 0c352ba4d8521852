#pragma once
#include <array>
#include <cstdint>
#include "../random.h"

namespace xg::kernel {

/// Query (batch, heads, steps, d), key (batch, key_heads, key_steps, d), value (batch, key_heads, key_steps, dv),
/// output (batch, heads, steps, dv); or, unless heads_first, with the two middle axes exchanged. key_heads divides
/// heads.
struct AttentionSizes {
    std::int64_t batch, heads, key_heads, steps, key_steps, d, dv;
    bool heads_first, causal;
    std::int64_t window;  // |i - j| < window; 0: no limit
    double scale;
    const bool* mask;                          // null: none; else at b * s[0] + h * s[1] + i * s[2] + j * s[3]
    std::array<std::int64_t, 4> mask_strides;  // the last is 0 or 1
    double dropout;
    RandomKey key;
};
/// Blocks of queries against blocks of keys with a running maximum (Dao et al. 2022). log_sums (batch, heads, steps)
/// keeps log(sum(exp(scores))) of every query. The same bits for any number of threads.
template <class T> void attention(T* y, T* log_sums, const T* q, const T* k, const T* v, const AttentionSizes& sizes);
/// The weights are computed again. Outputs are whole buffers.
template <class T> void attention_backward(T* dq, T* dk, T* dv, const T* dy, const T* y, const T* log_sums, const T* q,
                                           const T* k, const T* v, const AttentionSizes& sizes);
/// What dropout multiplies the weights by, (batch, heads, steps, key_steps): 0 or 1 / (1 - rate).
template <class T> void attention_keep(T* keep, const AttentionSizes& sizes);

}  // namespace xg::kernel
