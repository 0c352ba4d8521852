#include "nadam.h"
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(NadamOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("momentum_decay", o.momentum_decay);
    field("convention", o.convention);
    shared_fields(o, field);
}

Nadam::Nadam(NadamOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "velocity"}), options_(std::move(options)) {}

double Nadam::momentum_at(double step) const {
    return options_.beta_1 * (1 - 0.5 * std::pow(0.96, step * options_.momentum_decay));
}
void Nadam::update(const Move& move) {
    if (multiplied_ > move.step) product_ = 1, multiplied_ = 0;
    while (multiplied_ < move.step) product_ *= momentum_at(double(++multiplied_));
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(move.step);
    const double next = momentum_at(t + 1), of_m = move.learning_rate * next / (1 - product_ * next),
                 of_g = move.learning_rate * (1 - momentum_at(t)) / (1 - product_), of_v = 1 / (1 - std::pow(b2, t));
    each<2>(move, [=](auto& w, auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
        w -= over_root(of_m * m + of_g * g, of_v * v, eps);
    });
}

void Nadam::describe(Config& config) const { detail::describe(config, options_, *this); }
Nadam Nadam::from_config(const Config& config) { return detail::made<Nadam, NadamOptions>("Nadam", config); }

}  // namespace xg
