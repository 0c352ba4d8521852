#include "input.h"
#include "../../tensor/create.h"
#include "../config.h"

namespace xg {

Tensor Input::example() const {
    Shape batch{1};
    for (auto d : shape_) batch.push_back(d);
    return zeros(batch, dtype_);
}
Tensor Input::forward(const Tensor& x) {
    bool fits = x.shape().rank() == shape_.rank() + 1;
    for (int i = 0; fits && i < shape_.rank(); ++i) fits = x.shape()[i + 1] == shape_[i];
    require(fits, "expected (batch, ...) with each example {}, got {}", shape_, x.shape());
    return x;
}
void Input::describe(Config& config) const { config.json["shape"] = std::vector(shape_.begin(), shape_.end()); }
Input Input::from_config(const Config& config) { return Input(shape_from(config.json.at("shape"))); }

}  // namespace xg
