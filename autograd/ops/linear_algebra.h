#pragma once
#include <vector>
#include "../../tensor/tensor.h"

namespace xg {

struct Transpose {
    bool transpose_a = false, transpose_b = false;
};
/// The matrix product, either factor read transposed. As NumPy's: 1-D factors are a row and a column, leading axes of
/// more than two broadcast.
Tensor matmul(const Tensor& a, const Tensor& b, Transpose options = {});
/// Every product of an entry of a with one of b, (a.numel(), b.numel()).
Tensor outer(const Tensor& a, const Tensor& b);
/// The sum of products over the given axes of a and of b; the other axes of a, then of b, are left.
Tensor tensordot(const Tensor& a, const Tensor& b, const std::vector<int>& axes_a, const std::vector<int>& axes_b);
/// Over the last `axes` axes of a and the first of b.
Tensor tensordot(const Tensor& a, const Tensor& b, int axes = 2);

}  // namespace xg
