#pragma once
#include "../../tensor/tensor.h"

namespace xg {

/// The entries along `axis` in rising order, NaN last; equal ones keep their order.
Tensor sort(const Tensor& x, int axis = -1);
/// The positions that sort x, int64.
Tensor argsort(const Tensor& x, int axis = -1);
struct TopK {
    Tensor values, indices;
};
/// The k largest along the last axis, the largest first, and where they stand (int64).
TopK topk(const Tensor& x, std::int64_t k);

}  // namespace xg
