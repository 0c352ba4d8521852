#pragma once
#include "../../tensor/tensor.h"

namespace xg {

// Functions of each element; integers give float32.
Tensor exp(const Tensor& x);
Tensor log(const Tensor& x);
Tensor sqrt(const Tensor& x);
Tensor tanh(const Tensor& x);
Tensor sigmoid(const Tensor& x);
Tensor abs(const Tensor& x);
Tensor relu(const Tensor& x);

}  // namespace xg
