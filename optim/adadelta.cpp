#include "adadelta.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(AdadeltaOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("rho", o.rho);
    field("epsilon", o.epsilon);
    field("convention", o.convention);
    shared_fields(o, field);
}

Adadelta::Adadelta(AdadeltaOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"accumulated_grad", "accumulated_delta_var"}),
      options_(std::move(options)) {}

void Adadelta::update(const Move& move) {
    const double rho = options_.rho, eps = options_.epsilon, lr = move.learning_rate;
    each<2>(move, [=](auto& w, auto g, auto& squares, auto& deltas) {
        squares = rho * squares + (1 - rho) * (g * g);
        const auto delta = sqrt(deltas + eps) / sqrt(squares + eps) * g;
        deltas = rho * deltas + (1 - rho) * (delta * delta);
        w -= lr * delta;
    });
}

void Adadelta::describe(Config& config) const { detail::describe(config, options_, *this); }
Adadelta Adadelta::from_config(const Config& config) {
    return detail::made<Adadelta, AdadeltaOptions>("Adadelta", config);
}

}  // namespace xg
