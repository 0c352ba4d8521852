#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

namespace xg::kernel {

/// How windows lie along one axis: output i reads inputs i * stride + tap * dilation - before, where there are any.
struct Window {
    std::int64_t in = 1, out = 1, taps = 1, stride = 1, dilation = 1, before = 0;

    std::int64_t reach() const { return (taps - 1) * dilation + 1; }
    std::int64_t input(std::int64_t i, std::int64_t tap) const { return i * stride + tap * dilation - before; }
    friend bool operator==(const Window&, const Window&) = default;
};

/// The sizes of a convolution over images (batch, in..., in_channels) with a kernel (taps..., in_channels / groups,
/// out_channels). Fewer than three spatial axes stand last; those in front of them have one element.
struct Convolution {
    std::int64_t batch = 0, in_channels = 0, out_channels = 0, groups = 1;
    int rank = 2;
    std::array<Window, 3> axes = {};

    std::int64_t in_pixels() const { return axes[0].in * axes[1].in * axes[2].in; }
    std::int64_t out_pixels() const { return axes[0].out * axes[1].out * axes[2].out; }
    std::int64_t taps() const { return axes[0].taps * axes[1].taps * axes[2].taps; }
    std::int64_t image() const { return in_pixels() * in_channels; }
    std::int64_t result() const { return out_pixels() * out_channels; }
    std::int64_t kernel() const { return taps() * (in_channels / groups) * out_channels; }
    /// Multiplications for one image.
    double work() const { return double(out_pixels()) * double(kernel()); }
    friend bool operator==(const Convolution&, const Convolution&) = default;
};

}  // namespace xg::kernel
