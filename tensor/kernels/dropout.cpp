#include "dropout.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include "../parallel.h"
#include "../simd/batch.h"

namespace xg::kernel {

namespace {
/// One vector, with what its words take out.
template <class T> Batch<T> kept(const T* x, const std::uint32_t* words, std::uint32_t cut, T scale) {
    typedef std::uint32_t Words __attribute__((vector_size(XG_SIMD_BYTES)));
    Words drawn;
    std::memcpy(&drawn, words, sizeof drawn);
    return where(Mask<T>{std::bit_cast<typename Mask<T>::Native>(drawn >= cut)}, Batch<T>::load(x) * scale,
                 Batch<T>(0));
}
}  // namespace

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
            if constexpr (sizeof(T) == 4)
                if (count == block) {
                    for (std::int64_t i = 0; i < block; i += lanes<T>)
                        kept(from + i, words + i, cut, scale).store(to + i);
                    continue;
                }
            for (int i = 0; i < count; ++i) to[i] = words[i] < cut ? T(0) : from[i] * scale;
        }
    });
}
template void dropout(float*, const float*, std::int64_t, double, float, RandomKey);
template void dropout(double*, const double*, std::int64_t, double, double, RandomKey);

}  // namespace xg::kernel
