#include "lamb.h"
#include <cmath>
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/reduction.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(LambOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    shared_fields(o, field);
}

Lamb::Lamb(LambOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "velocity"}), options_(std::move(options)) {}

void Lamb::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(move.step);
    const double of_m = 1 / (1 - std::pow(b1, t)), of_v = 1 / (1 - std::pow(b2, t));
    each<2>(move, [=](auto&, auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
    });
    for (const Stretch& s : move.stretches) {
        Tensor w = bound()[s.parameter];
        const Tensor m = slot_of(0, s.parameter), v = slot_of(1, s.parameter);
        const Tensor direction = of_m * m / (sqrt(of_v * v) + eps);
        const double w_length = norm(w).item(), length = norm(direction).item();
        const double ratio = w_length > 0 && length > 0 ? w_length / length : 1;
        w.assign(w - move.learning_rate * ratio * direction);
    }
}

void Lamb::describe(Config& config) const { detail::describe(config, options_, *this); }
Lamb Lamb::from_config(const Config& config) { return detail::made<Lamb, LambOptions>("Lamb", config); }

}  // namespace xg
