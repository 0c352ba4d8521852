#include "asgd.h"
#include <algorithm>
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(ASGDOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("lambda", o.lambda);
    field("alpha", o.alpha);
    field("t0", o.t0);
    field("convention", o.convention);
    shared_fields(o, field);
}

ASGD::ASGD(ASGDOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"average_weight"}), options_(std::move(options)) {}

void ASGD::update(const Move& move) {
    const double lr = move.learning_rate, lambda = options_.lambda, before = double(move.step - 1);
    const double rate = lr / std::pow(1 + lambda * lr * before, options_.alpha);
    const double share = 1 / std::max(1.0, before - options_.t0);
    each<1>(move, [=](auto& w, auto g, auto& average) {
        w -= rate * (lambda * w + g);
        average += share * (w - average);
    });
}

void ASGD::describe(Config& config) const { detail::describe(config, options_, *this); }
ASGD ASGD::from_config(const Config& config) { return detail::made<ASGD, ASGDOptions>("ASGD", config); }

}  // namespace xg
