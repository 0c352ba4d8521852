#include "dropout.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/dropout.h"
#include "../../tensor/create.h"
#include "../config.h"
#include "draw.h"

namespace xg {

template <class F> void fields(DropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("noise_shape", o.noise_shape);
    field("seed", o.seed);
}

Dropout::Dropout(DropoutOptions options) : options_(std::move(options)) {
    const double rate = options_.rate;
    require<std::invalid_argument>(0 <= rate && rate <= 1, "Dropout: expected 0 <= rate <= 1, got {}", rate);
}
Tensor Dropout::forward(const Tensor& x) {
    const auto& o = options_;
    if (!Training::on() || o.rate == 0) return x;
    if (o.noise_shape.list.empty()) return dropout(x, o.rate, detail::draw(o.seed, calls_));
    const Tensor entries = ones(o.noise_shape.broadcasting_to(x.shape()), x.dtype());
    return x * dropout(entries, o.rate, detail::draw(o.seed, calls_));
}
void Dropout::describe(Config& config) const { write(config, options_); }
Dropout Dropout::from_config(const Config& config) { return Dropout(read<DropoutOptions>("Dropout", config)); }

}  // namespace xg
