#pragma once
#include "../../tensor/markers.h"

namespace xg {

struct Reduction {
    bool keepdims = false;
};

/// Sum over the given axes; integers and bools are counted in int64.
Tensor sum(const Tensor& x, Axes axes = all, Reduction options = {});
/// Integers give float32; NaN where there is nothing.
Tensor mean(const Tensor& x, Axes axes = all, Reduction options = {});
/// x summed over the axes along which `shape` was broadcast to x's shape.
Tensor sum_to(const Tensor& x, const Shape& shape);

}  // namespace xg
