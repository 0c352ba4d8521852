#pragma once
#include "../../tensor/kernels/convolution.h"
#include "../../tensor/tensor.h"

namespace xg::detail {

/// conv + bias, relu, max_pool(2) as one recorded operation, whose gradients come from one pass too. No vmap.
Tensor staged_convolution(const Tensor& x, const Tensor& kernel, const Tensor& bias, const kernel::Convolution& sizes,
                          kernel::Epilogue then);

}  // namespace xg::detail
