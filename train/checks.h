#pragma once
#include <functional>
#include <string>
#include "../nn/module.h"

namespace xg::detail {

/// The trainable parameters that backward has not reached: "1.kernel, 1.bias"; "" if none.
std::string without_gradient(const Module& module);
/// The parameters that hold NaN or infinity.
std::string not_finite(const Module& module);
/// Why a loss is not finite, to end a message with: the weights that are not, else the operation and the module where
/// it began when `loss` is computed again.
std::string why_not_finite(const Module& module, const std::function<Tensor()>& loss);

}  // namespace xg::detail
