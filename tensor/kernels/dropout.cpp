#include "dropout.h"
#include <algorithm>
#include <cmath>
#include "../parallel.h"

namespace xg::kernel {

template <class T> void dropout(T* y, const T* x, std::int64_t n, double rate, T scale, RandomKey key) {
    constexpr std::int64_t block = 64;  // elements whose random words are drawn together
    if (rate == 1) return void(std::fill_n(y, n, T(0)));
    const auto cut = std::uint32_t(std::ldexp(rate, 32));
    parallel((n + block - 1) / block, 30, [&](std::int64_t first, std::int64_t last) {
        std::uint32_t words[block];
        for (auto b = first; b < last; ++b) {
            detail::philox(words, key, std::uint64_t(b));
            const T* from = x + b * block;
            T* to = y + b * block;
            const auto count = std::min(block, n - b * block);
            if (count == block)
                for (int i = 0; i < block; ++i) to[i] = words[i] < cut ? T(0) : from[i] * scale;
            else
                for (int i = 0; i < count; ++i) to[i] = words[i] < cut ? T(0) : from[i] * scale;
        }
    });
}
template void dropout(float*, const float*, std::int64_t, double, float, RandomKey);
template void dropout(double*, const double*, std::int64_t, double, double, RandomKey);

}  // namespace xg::kernel
