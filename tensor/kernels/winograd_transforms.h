#pragma once
// The one-dimensional transforms of F(4, 3), and each along both axes of a tile. Fully inlined: through memory they
// take three times as long.
#include "../simd/batch.h"

namespace xg::kernel::winograd {

using V = Batch<float>;
inline constexpr std::int64_t L = lanes<float>;

struct Input {  // 6 inputs -> 6
    static constexpr int from = 6, to = 6;
    [[gnu::always_inline]] static void apply(const V* d, V* t) {
        const V a = d[4] - 4 * d[2], b = d[3] - 4 * d[1], c = d[4] - d[2], e = 2 * (d[3] - d[1]);
        t[0] = 4 * d[0] - 5 * d[2] + d[4];
        t[1] = a + b, t[2] = a - b, t[3] = c + e, t[4] = c - e;
        t[5] = 4 * d[1] - 5 * d[3] + d[5];
    }
};
struct Output {  // 6 products -> 4 outputs
    static constexpr int from = 6, to = 4;
    [[gnu::always_inline]] static void apply(const V* x, V* y) {
        const V a = x[1] + x[2], b = x[1] - x[2], c = x[3] + x[4], d = x[3] - x[4];
        y[0] = x[0] + a + c, y[1] = b + 2 * d, y[2] = a + 4 * c, y[3] = b + 8 * d + x[5];
    }
};
struct OutputGradient {  // 4 gradients of outputs -> 6: the transpose of Output
    static constexpr int from = 4, to = 6;
    [[gnu::always_inline]] static void apply(const V* y, V* z) {
        const V e = y[0] + y[2], o = y[1] + y[3], f = y[0] + 4 * y[2], p = 2 * (y[1] + 4 * y[3]);
        z[0] = y[0], z[1] = e + o, z[2] = e - o, z[3] = f + p, z[4] = f - p, z[5] = y[3];
    }
};
struct Kernel {  // 3 taps -> 6
    static constexpr int from = 3, to = 6;
    [[gnu::always_inline]] static void apply(const V* k, V* u) {
        const V e = (k[0] + k[2]) * (-1. / 6), o = k[1] * (-1. / 6), f = k[0] * (1. / 24) + k[2] * (1. / 6),
                p = k[1] * (1. / 12);
        u[0] = 0.25 * k[0], u[1] = e + o, u[2] = e - o, u[3] = f + p, u[4] = f - p, u[5] = k[2];
    }
};
struct KernelGradient {  // 6 sums -> 3 taps: the transpose of Kernel
    static constexpr int from = 6, to = 3;
    [[gnu::always_inline]] static void apply(const V* w, V* k) {
        const V a = w[1] + w[2], b = w[1] - w[2], c = w[3] + w[4], d = w[3] - w[4];
        k[0] = 0.25 * w[0] - a * (1. / 6) + c * (1. / 24);
        k[1] = d * (1. / 12) - b * (1. / 6);
        k[2] = (c - a) * (1. / 6) + w[5];
    }
};

/// F down the columns, then along the rows: load(i, j) gives the input, store(i, j, v) takes the output.
template <class F, class Load, class Store> [[gnu::always_inline]] inline void both_ways(Load load, Store store) {
    V middle[F::to * F::from];
#pragma GCC unroll 6
    for (int j = 0; j < F::from; ++j) {
        V in[F::from], out[F::to];
#pragma GCC unroll 6
        for (int i = 0; i < F::from; ++i) in[i] = load(i, j);
        F::apply(in, out);
#pragma GCC unroll 6
        for (int i = 0; i < F::to; ++i) middle[i * F::from + j] = out[i];
    }
#pragma GCC unroll 6
    for (int i = 0; i < F::to; ++i) {
        V out[F::to];
        F::apply(middle + i * F::from, out);
#pragma GCC unroll 6
        for (int j = 0; j < F::to; ++j) store(i, j, out[j]);
    }
}

}  // namespace xg::kernel::winograd
