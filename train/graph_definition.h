#pragma once
#include <string>
#include "../nn/module.h"

namespace xg::detail {

/// TensorFlow's GraphDef of what the module records for `example`, in inference mode: a node an operation, an input
/// and a parameter, named by the layers they are in ("1/first/matmul").
std::string graph_definition(Module& module, const Tensors& example);

}  // namespace xg::detail
