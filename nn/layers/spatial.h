#pragma once
// What the layers over images share: checks of their settings. Included by .cpp files only.
#include "../../autograd/ops/window.h"
#include "../config.h"

namespace xg {

namespace detail {
inline void expect_channels_last(const char* layer, const std::string& data_format) {
    require<std::invalid_argument>(data_format == "channels_last", "{}: expected data_format channels_last, got \"{}\"",
                                   layer, data_format);
}
/// As Keras: windows with gaps move by one.
inline void expect_windows(const char* layer, int rank, const PerAxis& kernel_size, const PerAxis& strides,
                           const PerAxis& dilation_rate) {
    expect_per_axis(layer, "kernel_size", kernel_size, rank);
    expect_per_axis(layer, "strides", strides, rank);
    expect_per_axis(layer, "dilation_rate", dilation_rate, rank);
    require<std::invalid_argument>(strides.all_equal(1) || dilation_rate.all_equal(1),
                                   "{}: expected strides or dilation_rate of 1, got {} and {}", layer,
                                   strides.for_axes(rank), dilation_rate.for_axes(rank));
}
inline void expect_rank(const Shape& input, int rank) {
    static constexpr const char* axes[] = {"steps", "rows, columns", "planes, rows, columns"};
    require(input.rank() == rank + 2, "expected input (batch, {}, channels), got {}", axes[rank - 1], input);
}
}  // namespace detail

}  // namespace xg
