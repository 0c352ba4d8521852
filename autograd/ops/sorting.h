#pragma once
#include "reduction.h"

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
/// What a share q of the entries along the axes lies below, between two of them by a straight line; NaN if any is. The
/// gradient goes to those two. Throws where there is nothing.
Tensor quantile(const Tensor& x, double q, Axes axes = all, Reduction options = {});
/// quantile(x, 0.5).
Tensor median(const Tensor& x, Axes axes = all, Reduction options = {});

}  // namespace xg
