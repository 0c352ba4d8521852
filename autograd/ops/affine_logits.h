#pragma once
#include "../../tensor/tensor.h"

namespace xg::detail {

/// What a recorded affine with a sigmoid behind it took that of; undefined for anything else.
Tensor affine_logits(const Tensor& sigmoid);

}  // namespace xg::detail
