#include "radam.h"
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(RAdamOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("convention", o.convention);
    shared_fields(o, field);
}

RAdam::RAdam(RAdamOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "velocity"}), options_(std::move(options)) {}

void RAdam::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(move.step);
    const double rate = move.learning_rate / (1 - std::pow(b1, t)), left = 1 - std::pow(b2, t);
    const double longest = 2 / (1 - b2) - 1, length = longest - 2 * t * std::pow(b2, t) / left;
    const auto moments = [=](auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
    };
    if (length <= 5)
        return each<2>(move, [=](auto& w, auto g, auto& m, auto& v) {
            moments(g, m, v);
            w -= rate * m;
        });
    const double rectified =
        rate * std::sqrt(left * (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length));
    each<2>(move, [=](auto& w, auto g, auto& m, auto& v) {
        moments(g, m, v);
        w -= over_root(rectified * m, v, eps);
    });
}

void RAdam::describe(Config& config) const { detail::describe(config, options_, *this); }
RAdam RAdam::from_config(const Config& config) { return detail::made<RAdam, RAdamOptions>("RAdam", config); }

}  // namespace xg
