#include "pooling.h"
#include "../parallel.h"

namespace xg::kernel {

std::int64_t Spans::widest() const {
    std::int64_t most = 1;
    for (std::size_t i = 0; i < begin.size(); ++i) most = std::max(most, end[i] - begin[i]);
    return most;
}
Pooling Pooling::halving(const Convolution& c) {
    Pooling p{.channels = c.out_channels};
    for (int a = 1; a < 3; ++a) {
        Spans spans{c.axes[a].out, {}, {}};
        for (std::int64_t i = 0; i + 1 < spans.in; i += 2) spans.begin.push_back(i), spans.end.push_back(i + 2);
        p.axes[std::size_t(a)] = std::move(spans);
    }
    return p;
}

namespace {
/// Calls f(output pixel, position in the window, input pixel, entries of the window).
template <class F> void walk(const Pooling& p, const F& f) {
    const auto& [a, b, c] = p.axes;
    std::int64_t pixel = 0;
    for (std::size_t i = 0; i < a.begin.size(); ++i)
        for (std::size_t j = 0; j < b.begin.size(); ++j)
            for (std::size_t k = 0; k < c.begin.size(); ++k, ++pixel) {
                const auto count = (a.end[i] - a.begin[i]) * (b.end[j] - b.begin[j]) * (c.end[k] - c.begin[k]);
                std::int64_t tap = 0;
                for (auto u = a.begin[i]; u < a.end[i]; ++u)
                    for (auto v = b.begin[j]; v < b.end[j]; ++v)
                        for (auto w = c.begin[k]; w < c.end[k]; ++w, ++tap)
                            f(pixel, tap, (u * b.in + v) * c.in + w, count);
            }
}
template <class F> void for_images(std::int64_t images, const Pooling& p, const F& f) {
    const auto entries = p.out_pixels() * p.taps() * p.channels;
    parallel(images, 0.5 * double(entries), [&](std::int64_t n, std::int64_t end) {
        for (; n < end; ++n) f(n, n * p.in_pixels() * p.channels, n * p.out_pixels() * p.channels);
    });
}
}  // namespace

template <class T, class Position>
void max_pool(T* y, Position* from, const T* x, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        walk(p, [&](std::int64_t pixel, std::int64_t tap, std::int64_t source, std::int64_t) {
            const T* values = x + in + source * p.channels;
            T* best = y + out + pixel * p.channels;
            Position* at = from + out + pixel * p.channels;
            for (std::int64_t c = 0; c < p.channels; ++c) {
                const bool better = tap == 0 || values[c] > best[c] || values[c] != values[c];
                best[c] = better ? values[c] : best[c];
                at[c] = better ? Position(tap) : at[c];
            }
        });
    });
}
template <class T, class Position>
void pick(T* y, const Position* from, const T* x, std::int64_t images, std::int64_t from_images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t n, std::int64_t in, std::int64_t out) {
        const Position* positions = from + n % from_images * p.out_pixels() * p.channels;
        walk(p, [&](std::int64_t pixel, std::int64_t tap, std::int64_t source, std::int64_t) {
            const T* values = x + in + source * p.channels;
            T* to = y + out + pixel * p.channels;
            const Position* at = positions + pixel * p.channels;
            for (std::int64_t c = 0; c < p.channels; ++c) to[c] = at[c] == Position(tap) ? values[c] : to[c];
        });
    });
}
template <class T, class Position>
void unpick(T* dx, const Position* from, const T* dy, std::int64_t images, std::int64_t from_images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t n, std::int64_t in, std::int64_t out) {
        const Position* positions = from + n % from_images * p.out_pixels() * p.channels;
        std::fill_n(dx + in, p.in_pixels() * p.channels, T(0));
        walk(p, [&](std::int64_t pixel, std::int64_t tap, std::int64_t source, std::int64_t) {
            T* to = dx + in + source * p.channels;
            const T* values = dy + out + pixel * p.channels;
            const Position* at = positions + pixel * p.channels;
            for (std::int64_t c = 0; c < p.channels; ++c) to[c] += at[c] == Position(tap) ? values[c] : T(0);
        });
    });
}
template <class T> void average(T* y, const T* x, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        walk(p, [&](std::int64_t pixel, std::int64_t tap, std::int64_t source, std::int64_t count) {
            const T* values = x + in + source * p.channels;
            T* sums = y + out + pixel * p.channels;
            for (std::int64_t c = 0; c < p.channels; ++c) sums[c] = tap == 0 ? values[c] : sums[c] + values[c];
            if (tap == count - 1)
                for (std::int64_t c = 0; c < p.channels; ++c) sums[c] /= T(count);
        });
    });
}
template <class T> void spread(T* dx, const T* dy, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        std::fill_n(dx + in, p.in_pixels() * p.channels, T(0));
        walk(p, [&](std::int64_t pixel, std::int64_t, std::int64_t source, std::int64_t count) {
            T* to = dx + in + source * p.channels;
            const T* values = dy + out + pixel * p.channels;
            for (std::int64_t c = 0; c < p.channels; ++c) to[c] += values[c] / T(count);
        });
    });
}

#define XG_POOLING(T)                                                                                    \
    template void max_pool(T*, std::uint8_t*, const T*, std::int64_t, const Pooling&);                   \
    template void max_pool(T*, std::int32_t*, const T*, std::int64_t, const Pooling&);                   \
    template void pick(T*, const std::uint8_t*, const T*, std::int64_t, std::int64_t, const Pooling&);   \
    template void pick(T*, const std::int32_t*, const T*, std::int64_t, std::int64_t, const Pooling&);   \
    template void unpick(T*, const std::uint8_t*, const T*, std::int64_t, std::int64_t, const Pooling&); \
    template void unpick(T*, const std::int32_t*, const T*, std::int64_t, std::int64_t, const Pooling&); \
    template void average(T*, const T*, std::int64_t, const Pooling&);                                   \
    template void spread(T*, const T*, std::int64_t, const Pooling&);
XG_POOLING(float)
XG_POOLING(double)

}  // namespace xg::kernel
