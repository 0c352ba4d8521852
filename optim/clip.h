#pragma once
#include <vector>
#include "../tensor/tensor.h"

namespace xg {

struct ClippedByGlobalNorm {
    std::vector<Tensor> tensors;
    Tensor norm;  // of all together, before
};
/// All times clip_norm / norm if the norm of all together is larger; undefined ones, which nobody asked for, stay so.
/// Differentiable, so it may stand inside a graph.
ClippedByGlobalNorm clip_by_global_norm(const std::vector<Tensor>& tensors, double clip_norm);

}  // namespace xg
