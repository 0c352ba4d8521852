#include "layer_function.h"

namespace xg {

Tensor LayerFunction::operator()(const Tensor& x) const {
    const Tensor y = (*layer_)(x);
    require<std::invalid_argument>(layer_->adopted() || layer_->state().empty(),
                                   "activation: expected a layer without weights, got {}", layer_->type());
    return y;
}

}  // namespace xg
