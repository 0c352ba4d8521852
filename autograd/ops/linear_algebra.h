#pragma once
#include "../../tensor/tensor.h"

namespace xg {

struct Transpose {
    bool transpose_a = false, transpose_b = false;
};
/// The matrix product, either factor read transposed. As NumPy's: 1-D factors are a row and a column, leading axes of
/// more than two broadcast.
Tensor matmul(const Tensor& a, const Tensor& b, Transpose options = {});

}  // namespace xg
