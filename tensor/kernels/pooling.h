#pragma once
// Pooling over channels-last images. Float32 and float64; parallel over images.
#include <vector>
#include "window.h"

namespace xg::kernel {

/// Along one axis, window i covers inputs [begin[i], end[i]), which exist: padding is already cut off.
struct Spans {
    std::int64_t in = 1;
    std::vector<std::int64_t> begin{0}, end{1};

    std::int64_t out() const { return std::int64_t(begin.size()); }
    std::int64_t widest() const;
};
/// Spatial axes fewer than three stand last.
struct Pooling {
    std::int64_t channels = 0;
    int rank = 2;
    std::array<Spans, 3> axes = {};

    std::int64_t in_pixels() const { return axes[0].in * axes[1].in * axes[2].in; }
    std::int64_t out_pixels() const { return axes[0].out() * axes[1].out() * axes[2].out(); }
    /// The most entries of a window.
    std::int64_t taps() const { return axes[0].widest() * axes[1].widest() * axes[2].widest(); }
    /// Windows of 2 x 2 over what the convolution gives.
    static Pooling halving(const Convolution& c);
};

/// The largest entry of each window and its position there, row-major; the first of equals. A NaN wins.
template <class T, class Position>
void max_pool(T* y, Position* from, const T* x, std::int64_t images, const Pooling& p);
/// y = x at the positions. Image i has those of image i % from_images.
template <class T, class Position>
void pick(T* y, const Position* from, const T* x, std::int64_t images, std::int64_t from_images, const Pooling& p);
/// The reverse: adds dy up at the positions, 0 elsewhere.
template <class T, class Position>
void unpick(T* dx, const Position* from, const T* dy, std::int64_t images, std::int64_t from_images, const Pooling& p);
/// The mean of each window.
template <class T> void average(T* y, const T* x, std::int64_t images, const Pooling& p);
/// The reverse: every entry of a window gets its share of dy.
template <class T> void spread(T* dx, const T* dy, std::int64_t images, const Pooling& p);

}  // namespace xg::kernel
