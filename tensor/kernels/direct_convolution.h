#pragma once
// The definition of a convolution as loops: any sizes, any floating type. The oracle of the others.
#include <algorithm>
#include "window.h"

namespace xg::kernel::direct {

/// Calls f(output pixel, tap, input pixel) for every tap inside the image, output pixel by output pixel.
template <class F> void walk(const Convolution& c, const F& f) {
    const auto& [a, b, d] = c.axes;
    std::int64_t pixel = 0;
    for (std::int64_t i = 0; i < a.out; ++i)
        for (std::int64_t j = 0; j < b.out; ++j)
            for (std::int64_t k = 0; k < d.out; ++k, ++pixel)
                for (std::int64_t u = 0; u < a.taps; ++u)
                    for (std::int64_t v = 0; v < b.taps; ++v)
                        for (std::int64_t w = 0; w < d.taps; ++w) {
                            const auto p = a.input(i, u), q = b.input(j, v), r = d.input(k, w);
                            if (p < 0 || p >= a.in || q < 0 || q >= b.in || r < 0 || r >= d.in) continue;
                            f(pixel, (u * b.taps + v) * d.taps + w, (p * b.in + q) * d.in + r);
                        }
}
/// Calls f(input channel, its row of the kernel at one tap, its group's first output channel, their number).
template <class T, class F> void channels(const Convolution& c, T* kernel, const F& f) {
    const auto in = c.in_channels / c.groups, out = c.out_channels / c.groups;
    for (std::int64_t g = 0; g < c.groups; ++g)
        for (std::int64_t i = 0; i < in; ++i) f(g * in + i, kernel + i * c.out_channels + g * out, g * out, out);
}

template <class T> void forward(T* y, const T* x, const T* kernel, const Convolution& c, std::int64_t images) {
    const auto tap_size = c.in_channels / c.groups * c.out_channels;
    std::fill_n(y, images * c.result(), T(0));
    for (std::int64_t n = 0; n < images; ++n, x += c.image(), y += c.result())
        walk(c, [&](std::int64_t out, std::int64_t tap, std::int64_t in) {
            const T* from = x + in * c.in_channels;
            T* to = y + out * c.out_channels;
            channels(c, kernel + tap * tap_size,
                     [&](std::int64_t i, const T* row, std::int64_t first, std::int64_t count) {
                         for (std::int64_t o = 0; o < count; ++o) to[first + o] += from[i] * row[o];
                     });
        });
}
template <class T> void input(T* dx, const T* dy, const T* kernel, const Convolution& c, std::int64_t images) {
    const auto tap_size = c.in_channels / c.groups * c.out_channels;
    std::fill_n(dx, images * c.image(), T(0));
    for (std::int64_t n = 0; n < images; ++n, dx += c.image(), dy += c.result())
        walk(c, [&](std::int64_t out, std::int64_t tap, std::int64_t in) {
            T* to = dx + in * c.in_channels;
            const T* from = dy + out * c.out_channels;
            channels(c, kernel + tap * tap_size,
                     [&](std::int64_t i, const T* row, std::int64_t first, std::int64_t count) {
                         T sum = 0;
                         for (std::int64_t o = 0; o < count; ++o) sum += from[first + o] * row[o];
                         to[i] += sum;
                     });
        });
}
/// Adds to dk.
template <class T> void kernel(T* dk, const T* x, const T* dy, const Convolution& c, std::int64_t images) {
    const auto tap_size = c.in_channels / c.groups * c.out_channels;
    for (std::int64_t n = 0; n < images; ++n, x += c.image(), dy += c.result())
        walk(c, [&](std::int64_t out, std::int64_t tap, std::int64_t in) {
            const T *from = x + in * c.in_channels, *of = dy + out * c.out_channels;
            channels(c, dk + tap * tap_size, [&](std::int64_t i, T* row, std::int64_t first, std::int64_t count) {
                for (std::int64_t o = 0; o < count; ++o) row[o] += from[i] * of[first + o];
            });
        });
}

}  // namespace xg::kernel::direct
