#include "pooled_vectors.h"

namespace xg::kernel {

namespace {
using V = Batch<float>;
constexpr std::int64_t L = lanes<float>;

void open_pooled(float* sums, float* bias, const float* dy, const float* y, const std::uint8_t* from,
                 const Convolution& c) {
    const auto rows = c.axes[1].out, columns = c.axes[2].out, channels = c.out_channels, row = columns * channels;
    for (std::int64_t o = 0; o < channels; o += L) {
        V total = bias ? V::load(bias + o) : V(0);
        for (std::int64_t i = 0; i < rows / 2; ++i)
            for (std::int64_t j = 0; j < columns / 2; ++j) {
                const auto at = (i * (columns / 2) + j) * channels + o;
                float* corner = sums + (2 * i * columns + 2 * j) * channels + o;
                const V d = y ? where(V::load(y + at) > V(0), V::load(dy + at), V(0)) : V::load(dy + at);
                const Which which = load_which(from + at);
                total += d;
                const auto put = [&](int place, float* p) { V(which == Which{} + place ? d.v : V(0).v).store(p); };
                put(0, corner), put(1, corner + channels), put(2, corner + row), put(3, corner + row + channels);
            }
        if (bias) total.store(bias + o);
    }
    if (columns % 2)
        for (std::int64_t i = 0; i < rows; ++i)
            std::fill_n(sums + (i * columns + columns - 1) * channels, channels, 0.f);
    if (rows % 2) std::fill_n(sums + (rows - 1) * row, row, 0.f);
}
}  // namespace

void open_vectors(float* sums, float* bias, const float* dy, const float* y, const std::uint8_t* from,
                  std::int64_t images, const Convolution& c) {
    const auto result = result_of(c, {.pool = from != nullptr});
    for (std::int64_t n = 0; n < images; ++n, sums += c.result(), dy += result, y += y ? result : 0) {
        if (from) {
            open_pooled(sums, bias, dy, y, from + n * result, c);
            continue;
        }
        for (std::int64_t i = 0; i < result; i += L)
            where(V::load(y + i) > V(0), V::load(dy + i), V(0)).store(sums + i);
        if (bias) add_vectors(bias, sums, c.out_pixels(), c.out_channels);
    }
}

}  // namespace xg::kernel
