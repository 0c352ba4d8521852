#include "shape.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ReshapeOptions& o, F&& field) { field("target_shape", o.target_shape); }

Tensor Reshape::forward(const Tensor& x) {
    Shape shape{x.shape()[0]};
    for (auto e : options_.target_shape) shape.push_back(e);
    return reshape(x, shape);
}
void Reshape::describe(Config& config) const { write(config, options_); }
Reshape Reshape::from_config(const Config& config) {
    return Reshape(read<ReshapeOptions>("Reshape", config).target_shape);
}

Tensor Flatten::forward(const Tensor& x) {
    std::int64_t n = 1;
    for (int a = 1; a < x.rank(); ++a) n *= x.shape()[a];
    return reshape(x, {x.shape()[0], n});
}

}  // namespace xg
