#pragma once
// The gradient of a fused operation where a kernel will not do: through the composition that the operation stands for.
#include <functional>
#include "../tensor/tensor.h"

namespace xg::detail {

/// What dy says about each of xs, where y = f(xs). Differentiable if recording is on; each input counts on its own,
/// even if one was computed from another, or is the same tensor.
Tensors pull_through(const std::function<Tensor(const Tensors&)>& f, const Tensors& xs, const Tensor& dy);

}  // namespace xg::detail
