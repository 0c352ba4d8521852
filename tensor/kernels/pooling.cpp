#include "pooling.h"
#include "../parallel.h"
#include "../simd/batch.h"

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
/// Calls f(output pixel, the input pixels of its window).
template <class F> void walk(const Pooling& p, const F& f) {
    const auto& [a, b, c] = p.axes;
    std::vector<std::int64_t> window;
    std::int64_t pixel = 0;
    for (std::size_t i = 0; i < a.begin.size(); ++i)
        for (std::size_t j = 0; j < b.begin.size(); ++j)
            for (std::size_t k = 0; k < c.begin.size(); ++k, ++pixel) {
                window.clear();
                for (auto u = a.begin[i]; u < a.end[i]; ++u)
                    for (auto v = b.begin[j]; v < b.end[j]; ++v)
                        for (auto w = c.begin[k]; w < c.end[k]; ++w) window.push_back((u * b.in + v) * c.in + w);
                f(pixel, window);
            }
}
template <class F> void for_images(std::int64_t images, const Pooling& p, const F& f) {
    const auto entries = p.out_pixels() * p.taps() * p.channels;
    parallel(images, 0.2 * double(entries), [&](std::int64_t n, std::int64_t end) {
        for (; n < end; ++n) f(n, n * p.in_pixels() * p.channels, n * p.out_pixels() * p.channels);
    });
}
/// Calls f(first channel, number) for stretches whose intermediate results fit the registers, nearly.
constexpr std::int64_t stretch = 64;
template <class F> void for_stretches(std::int64_t channels, const F& f) {
    for (std::int64_t c = 0; c < channels; c += stretch) f(c, std::min(stretch, channels - c));
}
}  // namespace

template <class T, class Position>
void max_pool(T* y, Position* from, const T* x, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        walk(p, [&](std::int64_t pixel, const std::vector<std::int64_t>& window) {
            for_stretches(p.channels, [&](std::int64_t first, std::int64_t count) {
                T best[stretch];
                IntOf<T> at[stretch] = {};  // as wide as T, so that one mask chooses both
                std::copy_n(x + in + window[0] * p.channels + first, count, best);
                for (std::size_t tap = 1; tap < window.size(); ++tap) {
                    const T* values = x + in + window[tap] * p.channels + first;
                    for (std::int64_t c = 0; c < count; ++c) {
                        const bool better = (values[c] > best[c]) | (values[c] != values[c]);
                        best[c] = better ? values[c] : best[c];
                        at[c] = better ? IntOf<T>(tap) : at[c];
                    }
                }
                std::copy_n(best, count, y + out + pixel * p.channels + first);
                for (std::int64_t c = 0; c < count; ++c) from[out + pixel * p.channels + first + c] = Position(at[c]);
            });
        });
    });
}
template <class T, class Position>
void pick(T* y, const Position* from, const T* x, std::int64_t images, std::int64_t from_images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t n, std::int64_t in, std::int64_t out) {
        const Position* positions = from + n % from_images * p.out_pixels() * p.channels;
        walk(p, [&](std::int64_t pixel, const std::vector<std::int64_t>& window) {
            for (std::int64_t c = 0; c < p.channels; ++c)
                y[out + pixel * p.channels + c] =
                    x[in + window[std::size_t(positions[pixel * p.channels + c])] * p.channels + c];
        });
    });
}
template <class T, class Position>
void unpick(T* dx, const Position* from, const T* dy, std::int64_t images, std::int64_t from_images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t n, std::int64_t in, std::int64_t out) {
        const Position* positions = from + n % from_images * p.out_pixels() * p.channels;
        std::fill_n(dx + in, p.in_pixels() * p.channels, T(0));
        walk(p, [&](std::int64_t pixel, const std::vector<std::int64_t>& window) {
            for_stretches(p.channels, [&](std::int64_t first, std::int64_t count) {
                const T* values = dy + out + pixel * p.channels + first;
                IntOf<T> at[stretch];
                for (std::int64_t c = 0; c < count; ++c) at[c] = IntOf<T>(positions[pixel * p.channels + first + c]);
                for (std::size_t tap = 0; tap < window.size(); ++tap) {
                    T* to = dx + in + window[tap] * p.channels + first;
                    for (std::int64_t c = 0; c < count; ++c) to[c] += at[c] == IntOf<T>(tap) ? values[c] : T(0);
                }
            });
        });
    });
}
template <class T> void average(T* y, const T* x, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        walk(p, [&](std::int64_t pixel, const std::vector<std::int64_t>& window) {
            T* sums = y + out + pixel * p.channels;
            std::fill_n(sums, p.channels, T(0));
            for (const auto source : window) {
                const T* values = x + in + source * p.channels;
                for (std::int64_t c = 0; c < p.channels; ++c) sums[c] += values[c];
            }
            for (std::int64_t c = 0; c < p.channels; ++c) sums[c] /= T(window.size());
        });
    });
}
template <class T> void spread(T* dx, const T* dy, std::int64_t images, const Pooling& p) {
    for_images(images, p, [&](std::int64_t, std::int64_t in, std::int64_t out) {
        std::fill_n(dx + in, p.in_pixels() * p.channels, T(0));
        walk(p, [&](std::int64_t pixel, const std::vector<std::int64_t>& window) {
            const T* values = dy + out + pixel * p.channels;
            for (const auto target : window) {
                T* to = dx + in + target * p.channels;
                for (std::int64_t c = 0; c < p.channels; ++c) to[c] += values[c] / T(window.size());
            }
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
