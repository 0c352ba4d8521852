#include "adamax.h"
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(AdamaxOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("convention", o.convention);
    shared_fields(o, field);
}

Adamax::Adamax(AdamaxOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "norm"}), options_(std::move(options)) {}

void Adamax::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, rate = move.learning_rate / (1 - std::pow(b1, move.step));
    const bool torch = options_.convention == Convention::torch;
    const double inside = torch ? options_.epsilon : 0, outside = torch ? 0 : options_.epsilon;
    each<2>(move, [=](auto& w, auto g, auto& m, auto& u) {
        m += (1 - b1) * (g - m);
        u = maximum(b2 * u, abs(g) + inside);
        w -= rate * m / (u + outside);
    });
}

void Adamax::describe(Config& config) const { detail::describe(config, options_, *this); }
Adamax Adamax::from_config(const Config& config) { return detail::made<Adamax, AdamaxOptions>("Adamax", config); }

}  // namespace xg
