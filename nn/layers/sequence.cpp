#include "sequence.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "recurrent_settings.h"

namespace xg {

namespace {
struct RepeatSettings {
    std::int64_t n = 0;
};
template <class F> void fields(RepeatSettings& o, F&& field) { field("n", o.n); }
struct WrapperSettings {
    std::shared_ptr<Module> layer;
};
template <class F> void fields(WrapperSettings& o, F&& field) { field("layer", o.layer); }
}  // namespace
template <class F> void fields(MaskingOptions& o, F&& field) { field("mask_value", o.mask_value); }

Tensor Masking::forward(const Tensor& x) {
    require(x.rank() == 3, "expected input (batch, steps, features), got {}", x.shape());
    const Tensor real = any(x.detach() != options_.mask_value, -1);
    const Tensor y = where(expand_dims(real, -1), x, 0);
    y.set_mask(real);
    return y;
}
void Masking::describe(Config& config) const { write(config, options_); }
Masking Masking::from_config(const Config& config) { return Masking(read<MaskingOptions>("Masking", config)); }

RepeatVector::RepeatVector(std::int64_t n) : n_(n) {
    require<std::invalid_argument>(n > 0, "RepeatVector: expected n > 0, got {}", n);
}
Tensor RepeatVector::forward(const Tensor& x) {
    require(x.rank() == 2, "expected input (batch, features), got {}", x.shape());
    return repeat(expand_dims(x, 1), n_, 1);
}
void RepeatVector::describe(Config& config) const { config.set("n", n_); }
RepeatVector RepeatVector::from_config(const Config& config) {
    return RepeatVector(read<RepeatSettings>("RepeatVector", config).n);
}

Tensor TimeDistributed::forward(const Tensor& x) {
    require(x.rank() >= 3, "expected input (batch, steps, ...), got {}", x.shape());
    const auto batch = x.shape()[0], steps = x.shape()[1];
    Shape examples = step_shape(x);
    examples[0] = batch * steps;
    const Tensor y = layer_(reshape(x, examples));
    require(y.rank() > 0 && y.shape()[0] == batch * steps, "expected an output for each of {} steps, got {}",
            batch * steps, y.shape());
    Shape shape{batch, steps};
    for (int axis = 1; axis < y.rank(); ++axis) shape.push_back(y.shape()[axis]);
    return reshape(y, shape);
}
void TimeDistributed::describe(Config& config) const { config.set("layer", layer_); }
TimeDistributed TimeDistributed::from_config(const Config& config) {
    return TimeDistributed(inner<Module>("TimeDistributed", read<WrapperSettings>("TimeDistributed", config).layer));
}

}  // namespace xg
