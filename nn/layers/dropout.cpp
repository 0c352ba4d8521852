#include "dropout.h"
#include "../../autograd/ops/dropout.h"
#include "../config.h"

namespace xg {

template <class F> void fields(DropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("seed", o.seed);
}

Dropout::Dropout(DropoutOptions options) : options_(options) {
    require<std::invalid_argument>(0 <= options.rate && options.rate <= 1, "Dropout: expected 0 <= rate <= 1, got {}",
                                   options.rate);
}
Tensor Dropout::forward(const Tensor& x) {
    if (!Training::on() || options_.rate == 0) return x;
    return dropout(x, options_.rate, options_.seed < 0 ? next_key() : next_key(std::uint64_t(options_.seed), calls_));
}
void Dropout::describe(Config& config) const { write(config, options_); }
Dropout Dropout::from_config(const Config& config) { return Dropout(read<DropoutOptions>("Dropout", config)); }

}  // namespace xg
