#pragma once
// A convolution is linear in its input and in its kernel, so its gradients are two more operations of the kind, and the
// gradients of those are among the three again.
#include "window.h"

namespace xg::detail {

Tensor conv_forward(const Tensor& x, const Tensor& kernel, const kernel::Convolution& sizes);
Tensor conv_input(const Tensor& dy, const Tensor& kernel, const kernel::Convolution& sizes);
Tensor conv_kernel(const Tensor& x, const Tensor& dy, const kernel::Convolution& sizes);

}  // namespace xg::detail
