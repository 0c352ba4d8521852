#include "clip.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/reduction.h"

namespace xg {

ClippedByGlobalNorm clip_by_global_norm(const std::vector<Tensor>& tensors, double clip_norm) {
    require<std::invalid_argument>(clip_norm > 0, "clip_by_global_norm: expected clip_norm > 0, got {}", clip_norm);
    Tensor total;
    for (const Tensor& t : tensors)
        if (t.defined()) total = total.defined() ? total + sum(square(t)) : sum(square(t));
    require<std::invalid_argument>(total.defined(), "clip_by_global_norm: expected at least one tensor, got none");
    const Tensor norm = sqrt(total);
    if (!(norm.item() > clip_norm)) return {tensors, norm};
    std::vector<Tensor> clipped;
    for (const Tensor& t : tensors) clipped.push_back(t.defined() ? t * (clip_norm / norm) : t);
    return {clipped, norm};
}

}  // namespace xg
