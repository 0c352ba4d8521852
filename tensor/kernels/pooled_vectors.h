#pragma once
// 2 x 2 max-pool and its reverse on whole vectors of channels, as the fast convolutions have them in registers.
#if defined(__AVX2__)
#include <immintrin.h>
#endif
#include "../simd/math.h"
#include "../tensor.h"
#include "convolution.h"

namespace xg::kernel {

/// Which of the four pixels of a window each channel has its value from, as integers.
using Which = typename Mask<float>::Native;
typedef std::uint8_t WhichBytes __attribute__((vector_size(lanes<float>), aligned(1), may_alias));
/// By hand, as GCC 12 converts bytes one by one; masked, as it warns of its own header otherwise.
inline Which load_which(const std::uint8_t* p) {
#if XG_SIMD_BYTES == 64
    return Which(_mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#elif defined(__AVX2__)
    return Which(_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
#else
    return __builtin_convertvector(*reinterpret_cast<const WhichBytes*>(p), Which);
#endif
}

struct Pooled {
    Batch<float> value;
    Which which;
    void store(float* y, std::uint8_t* from) const {
        value.store(y);
        *reinterpret_cast<WhichBytes*>(from) = __builtin_convertvector(which, WhichBytes);
    }
};
/// relu(max(a, b, c, d) + bias); the first of equal ones counts, a NaN wins.
[[gnu::always_inline]] inline Pooled pool_window(Batch<float> a, Batch<float> b, Batch<float> c, Batch<float> d,
                                                 Batch<float> bias, bool relu) {
    Which which{};
    const auto meet = [&](Batch<float> other, int place) {
        const auto wins = (other.v > a.v) | (other.v != other.v);
        a.v = wins ? other.v : a.v;
        which = wins ? Which{} + place : which;
    };
    meet(b, 1), meet(c, 2), meet(d, 3);
    const Batch<float> value = a + bias;
    return {relu ? maximum(value, 0) : value, which};
}

inline Tensor zero_row(std::int64_t n) {
    const Tensor row = Tensor::empty({n});
    std::fill_n(row.raw<float>(), n, 0.f);
    return row;
}
/// Adds up rows of whole vectors.
inline void add_vectors(float* sum, const float* rows, std::int64_t count, std::int64_t channels) {
    for (std::int64_t c = 0; c < channels; c += lanes<float>) {
        auto total = Batch<float>::load(sum + c);
        for (std::int64_t r = 0; r < count; ++r) total += Batch<float>::load(rows + r * channels + c);
        total.store(sum + c);
    }
}
/// The gradients of a convolution's sums from those of what came of them, and the bias' added to `bias`. y is null
/// without a relu, `from` without a pool, `bias` if not wanted.
void open_vectors(float* sums, float* bias, const float* dy, const float* y, const std::uint8_t* from,
                  std::int64_t images, const Convolution& c);

}  // namespace xg::kernel
