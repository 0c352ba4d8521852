#include "input.h"
#include "../../tensor/create.h"
#include "../config.h"

namespace xg {

template <class F> void fields(InputOptions& o, F&& field) {
    field("shape", o.shape);
    field("dtype", o.dtype);
}

Tensor Input::example() const {
    Shape batch{1};
    for (auto d : options_.shape) batch.push_back(d);
    return zeros(batch, options_.dtype);
}
Tensor Input::forward(const Tensor& x) {
    const Shape& shape = options_.shape;
    bool fits = x.shape().rank() == shape.rank() + 1;
    for (int i = 0; fits && i < shape.rank(); ++i) fits = x.shape()[i + 1] == shape[i];
    require(fits, "expected (batch, ...) with each example {}, got {}", shape, x.shape());
    return x;
}
void Input::describe(Config& config) const { write(config, options_); }
Input Input::from_config(const Config& config) {
    const auto options = read<InputOptions>("Input", config);
    return Input(options.shape, options.dtype);
}

}  // namespace xg
