#pragma once
// Loops over arrays, each written for one case; vectors from tensor/simd, nothing else of the library. `n` is any
// length, as arrays may be read and written one vector past their end.
#include <cmath>
#include <cstdint>
#include "../../tensor/simd/math.h"

namespace bench::loops {

using B = xg::Batch<float>;
inline constexpr auto W = xg::lanes<float>;

/// Tells the compiler that the array was read.
inline void used(const float* p) { asm volatile("" ::"r"(p) : "memory"); }

template <class F> void unary(float* out, const float* x, std::int64_t n, const F& f) {
    for (std::int64_t i = 0; i < n; i += W) f(B::load(x + i)).store(out + i);
    used(out);
}
template <class F> void binary(float* out, const float* x, const float* y, std::int64_t n, const F& f) {
    for (std::int64_t i = 0; i < n; i += W) f(B::load(x + i), B::load(y + i)).store(out + i);
    used(out);
}
template <class F>
void with_row(float* out, const float* x, const float* row, std::int64_t rows, std::int64_t columns, const F& f) {
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; c += W)
            f(B::load(x + r * columns + c), B::load(row + c)).store(out + r * columns + c);
    used(out);
}
template <class F>
void with_column(float* out, const float* x, const float* column, std::int64_t rows, std::int64_t columns, const F& f) {
    for (std::int64_t r = 0; r < rows; ++r) {
        const B v(column[r]);
        for (std::int64_t c = 0; c < columns; c += W) f(B::load(x + r * columns + c), v).store(out + r * columns + c);
    }
    used(out);
}
/// Of f(x), n a multiple of four vectors.
template <class F> float sum_of(const float* x, std::int64_t n, const F& f) {
    B s[4] = {0, 0, 0, 0};
    for (std::int64_t i = 0; i < n; i += 4 * W)
        for (int k = 0; k < 4; ++k) s[k] += f(B::load(x + i + k * W));
    return xg::sum((s[0] + s[1]) + (s[2] + s[3]));
}
/// Down the rows; columns a multiple of the vector.
inline void sum_rows(float* out, const float* x, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t c = 0; c < columns; c += W) B(0).store(out + c);
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < columns; c += W) (B::load(out + c) + B::load(x + r * columns + c)).store(out + c);
    used(out);
}
inline void sum_columns(float* out, const float* x, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t r = 0; r < rows; ++r) out[r] = sum_of(x + r * columns, columns, [](B v) { return v; });
    used(out);
}
inline void softmax(float* out, const float* x, std::int64_t rows, std::int64_t columns) {
    for (std::int64_t r = 0; r < rows; ++r, x += columns, out += columns) {
        B top(x[0]), total(0);
        std::int64_t c = 0;
        const std::int64_t whole = columns - columns % W;
        for (; c < whole; c += W) top = xg::maximum(top, B::load(x + c));
        float most = xg::max_lane(top);
        for (; c < columns; ++c) most = x[c] > most ? x[c] : most;
        for (c = 0; c < columns; c += W) {
            const B e = xg::where(xg::first_lanes<float>(columns - c), xg::exp(B::load(x + c) - most), B(0));
            total += e;
            e.store(out + c);
        }
        const B scale(1 / xg::sum(total));
        for (c = 0; c < columns; c += W) (B::load(out + c) * scale).store(out + c);
    }
    used(out);
}

}  // namespace bench::loops
