#pragma once
#include "../../tensor/random.h"

namespace xg {

/// Each entry 0 with probability `rate`, else divided by 1 - rate. The mask is drawn again in the backward pass, not
/// kept.
Tensor dropout(const Tensor& x, double rate, RandomKey key);

}  // namespace xg
