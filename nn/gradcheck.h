#pragma once
#include "../autograd/gradcheck.h"
#include "module.h"

namespace xg {

/// Checks the gradients of the module's inputs and of every parameter that is not frozen, by name, in training and then
/// in inference mode. Its values, buffers included, are as before afterwards. Throws unless it is float64: `to(f64)`.
GradcheckReport gradcheck(Module& module, const Tensors& inputs, GradcheckOptions options = {});
inline GradcheckReport gradcheck(Module& module, const Tensor& input, GradcheckOptions options = {}) {
    return gradcheck(module, Tensors{input}, options);
}

}  // namespace xg
