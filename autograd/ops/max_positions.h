#pragma once
#include "../../tensor/kernels/pooling.h"
#include "../../tensor/tensor.h"

namespace xg::detail {

/// x at remembered positions in windows, and its gradient: dy put back there. Each is the other's.
Tensor picked(const Tensor& x, const Tensor& positions, const kernel::Pooling& p);
Tensor unpicked(const Tensor& dy, const Tensor& positions, const kernel::Pooling& p);
/// (batch, spatial axes, channels) of the output or of the input of a pooling.
Shape pooled_shape(std::int64_t batch, const kernel::Pooling& p, bool output);

}  // namespace xg::detail
