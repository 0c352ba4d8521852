#include "reduce.h"
#include <algorithm>
#include <cmath>
#include "../parallel.h"
#include "../simd/batch.h"

namespace xg::kernel {

namespace {
/// y[o, i] = sum over r of x[o, r, i]
template <class T> void sum_middle(T* y, const T* x, std::int64_t outer, std::int64_t count, std::int64_t inner) {
    using B = Batch<T>;
    constexpr auto W = lanes<T>;
    if (count == 0) {
        std::fill_n(y, outer * inner, T(0));
        return;
    }
    if (inner == 1) {
        for (std::int64_t o = 0; o < outer; ++o, x += count) {
            B s[4] = {0, 0, 0, 0};
            std::int64_t r = 0;
            for (; r + 4 * W <= count; r += 4 * W)
                for (int k = 0; k < 4; ++k) s[k] += B::load(x + r + k * W);
            for (; r < count; r += W) s[0] += where(first_lanes<T>(count - r), B::load(x + r), B(0));
            y[o] = sum((s[0] + s[1]) + (s[2] + s[3]));
        }
        return;
    }
    for (std::int64_t o = 0; o < outer; ++o, y += inner, x += count * inner) {
        for (std::int64_t i = 0; i < inner; i += 4 * W) {  // a strip of columns stays in registers
            B s[4] = {0, 0, 0, 0};
            const int strips = int(std::min<std::int64_t>(4, (inner - i + W - 1) / W));
            for (std::int64_t r = 0; r < count; ++r)
                for (int k = 0; k < strips; ++k) s[k] += B::load(x + r * inner + i + k * W);
            for (int k = 0; k < strips; ++k) s[k].store(y + i + k * W);
        }
    }
}
}  // namespace

Tensor sum(const Tensor& x, unsigned mask) {
    Tensor value = x.detach();
    Shape shape = x.shape();
    // One run of neighbouring axes at a time, from the back.
    for (int last = shape.rank() - 1; last >= 0; --last) {
        if (!(mask >> last & 1)) continue;
        int first = last;
        while (first > 0 && mask >> (first - 1) & 1) --first;
        std::int64_t outer = 1, count = 1, inner = 1;
        for (int a = 0; a < shape.rank(); ++a) (a < first ? outer : a <= last ? count : inner) *= shape[a];
        for (int a = first; a <= last; ++a) shape[a] = 1;
        Tensor next = Tensor::empty(shape, x.dtype());
        if (x.dtype() == i64) sum_middle(next.raw<std::int64_t>(), value.raw<std::int64_t>(), outer, count, inner);
        else
            dispatch_float(x.dtype(), "sum",
                           [&]<class T> { sum_middle(next.raw<T>(), value.raw<T>(), outer, count, inner); });
        value = std::move(next);
        last = first;
    }
    return value;
}

template <class T> std::int64_t first_not_finite(const T* x, std::int64_t n) {
    constexpr std::int64_t block = 4096;
    for (std::int64_t first = 0; first < n; first += block) {
        const auto last = std::min(n, first + block);
        Batch<T> zero(0);  // as long as all are finite: 0 times anything else is NaN
        std::int64_t i = first;
        for (; i + lanes<T> <= last; i += lanes<T>) zero += Batch<T>::load(x + i) * Batch<T>(0);
        for (; i < last; ++i) zero += Batch<T>(x[i] * 0);
        if (sum(zero) == 0) continue;
        for (i = first; i < last; ++i)
            if (!std::isfinite(x[i])) return i;
    }
    return -1;
}
template std::int64_t first_not_finite(const float*, std::int64_t);
template std::int64_t first_not_finite(const double*, std::int64_t);

}  // namespace xg::kernel
