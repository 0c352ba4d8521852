#include "shape.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"

namespace xg {

Tensor Reshape::forward(const Tensor& x) {
    Shape shape{x.shape()[0]};
    for (auto e : target_) shape.push_back(e);
    return reshape(x, shape);
}
void Reshape::describe(Config& config) const {
    config.json["target_shape"] = std::vector(target_.begin(), target_.end());
}
Reshape Reshape::from_config(const Config& config) { return Reshape(shape_from(config.json.at("target_shape"))); }

Tensor Flatten::forward(const Tensor& x) {
    std::int64_t n = 1;
    for (int a = 1; a < x.rank(); ++a) n *= x.shape()[a];
    return reshape(x, {x.shape()[0], n});
}

}  // namespace xg
