#include "lion.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(LionOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    shared_fields(o, field);
}

Lion::Lion(LionOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum"}), options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(0 < o.beta_1 && o.beta_1 <= 1, "Lion: expected 0 < beta_1 <= 1, got {}", o.beta_1);
}

void Lion::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, lr = move.learning_rate;
    each<1>(move, [=](auto& w, auto g, auto& m) {
        w -= lr * sign(b1 * m + (1 - b1) * g);
        m = b2 * m + (1 - b2) * g;
    });
}

void Lion::describe(Config& config) const { detail::describe(config, options_, *this); }
Lion Lion::from_config(const Config& config) { return detail::made<Lion, LionOptions>("Lion", config); }

}  // namespace xg
