#pragma once
// What the layers over images share: checks of their settings. Included by .cpp files only.
#include "../../autograd/ops/window.h"
#include "../config.h"

namespace xg {

namespace detail {
inline void expect_windows(const char* layer, int rank, const PerAxis& kernel_size, const PerAxis& strides,
                           const PerAxis& dilation_rate) {
    expect_per_axis(layer, "kernel_size", kernel_size, rank);
    expect_per_axis(layer, "strides", strides, rank);
    expect_per_axis(layer, "dilation_rate", dilation_rate, rank);
}
/// As Keras: where channels mix, windows with gaps move by one.
inline void expect_small_steps(const char* layer, int rank, const PerAxis& strides, const PerAxis& dilation_rate) {
    require<std::invalid_argument>(strides.all_equal(1) || dilation_rate.all_equal(1),
                                   "{}: expected strides or dilation_rate of 1, got {} and {}", layer,
                                   strides.for_axes(rank), dilation_rate.for_axes(rank));
}
}  // namespace detail

}  // namespace xg
