#pragma once
// What stands behind a convolution's sums: bias, relu, 2 x 2 max-pool; and the way back through them.
#include "convolution.h"

namespace xg::kernel {

template <class T> bool beats(T value, T best) { return value > best || value != value; }  // a NaN wins, and stays

/// y += bias, then relu: `pixels` rows of `channels`.
template <class T> void finish(T* y, const T* bias, std::int64_t pixels, std::int64_t channels, bool relu) {
    for (std::int64_t p = 0; p < pixels; ++p, y += channels)
        for (std::int64_t c = 0; c < channels; ++c) {
            const T v = bias ? y[c] + bias[c] : y[c];
            y[c] = !relu || beats(v, T(0)) ? v : T(0);
        }
}
/// The largest of every 2 x 2 pixels of one image, finished, and which of the four it is.
template <class T>
void finish_pooled(T* pooled, std::uint8_t* from, const T* sums, const T* bias, const Convolution& c, bool relu) {
    const auto columns = c.axes[2].out, channels = c.out_channels, row = columns * channels;
    for (std::int64_t i = 0; i < c.axes[1].out / 2; ++i)
        for (std::int64_t j = 0; j < columns / 2; ++j, pooled += channels, from += channels) {
            const T* corner = sums + (2 * i * columns + 2 * j) * channels;
            for (std::int64_t o = 0; o < channels; ++o) {
                const T window[] = {corner[o], corner[channels + o], corner[row + o], corner[row + channels + o]};
                int best = 0;
                for (int k = 1; k < 4; ++k) best = beats(window[k], window[best]) ? k : best;
                const T v = bias ? window[best] + bias[o] : window[best];
                pooled[o] = !relu || beats(v, T(0)) ? v : T(0);
                from[o] = std::uint8_t(best);
            }
        }
}
/// The gradient of one image's sums from that of its result.
template <class T>
void open(T* sums, const T* dy, const T* y, const std::uint8_t* from, const Convolution& c, Epilogue e) {
    if (!e.relu) y = dy;  // not looked at, and perhaps null
    if (!e.pool) {
        for (std::int64_t i = 0; i < c.result(); ++i) sums[i] = !e.relu || y[i] > 0 ? dy[i] : T(0);
        return;
    }
    const auto rows = c.axes[1].out, columns = c.axes[2].out, channels = c.out_channels, row = columns * channels;
    for (std::int64_t i = 0; i < rows / 2; ++i)
        for (std::int64_t j = 0; j < columns / 2; ++j, dy += channels, y += channels, from += channels) {
            T* corner = sums + (2 * i * columns + 2 * j) * channels;
            for (std::int64_t o = 0; o < channels; ++o) {
                const T v = !e.relu || y[o] > 0 ? dy[o] : T(0);
                corner[o] = from[o] == 0 ? v : T(0);
                corner[channels + o] = from[o] == 1 ? v : T(0);
                corner[row + o] = from[o] == 2 ? v : T(0);
                corner[row + channels + o] = from[o] == 3 ? v : T(0);
            }
        }
    if (columns % 2)
        for (std::int64_t i = 0; i < rows; ++i)
            std::fill_n(sums + (i * columns + columns - 1) * channels, channels, T(0));
    if (rows % 2) std::fill_n(sums + (rows - 1) * row, row, T(0));
}
/// Adds the rows up.
template <class T> void add_rows(T* sum, const T* rows, std::int64_t count, std::int64_t channels) {
    for (std::int64_t r = 0; r < count; ++r, rows += channels)
        for (std::int64_t c = 0; c < channels; ++c) sum[c] += rows[c];
}

}  // namespace xg::kernel
