#include "spatial_layer.h"
#include "../../autograd/ops/layout.h"

namespace xg {

SpatialLayer::SpatialLayer(int rank, const char* layer, const std::string& data_format)
    : rank_(rank), channels_first_(data_format == "channels_first") {
    require<std::invalid_argument>(channels_first_ || data_format == "channels_last",
                                   "{}: expected data_format channels_last or channels_first, got \"{}\"", layer,
                                   data_format);
}
std::int64_t SpatialLayer::channels_of(const Shape& input) const {
    static constexpr const char* layouts[2][3] = {
        {"steps, channels", "rows, columns, channels", "planes, rows, columns, channels"},
        {"channels, steps", "channels, rows, columns", "channels, planes, rows, columns"}};
    require(input.rank() == rank_ + 2, "expected input (batch, {}), got {}", layouts[channels_first_][rank_ - 1],
            input);
    return channels_first_ ? input[1] : input.back();
}
void SpatialLayer::expect_channels(std::int64_t channels, const Shape& input) const {
    require(channels_of(input) == channels, "expected {} channels, got input {}", channels, input);
}
Tensor SpatialLayer::forward(const Tensor& x) {
    channels_of(x.shape());
    if (!channels_first_) return apply(x);
    const Tensor last = moveaxis(x, 1, -1);
    if (x.mask().defined()) last.set_mask(x.mask());
    const Tensor y = apply(last);
    return y.rank() == x.rank() ? moveaxis(y, -1, 1) : y;
}

}  // namespace xg
