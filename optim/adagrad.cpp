#include "adagrad.h"
#include "../tensor/create.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(AdagradOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("initial_accumulator_value", o.initial_accumulator_value);
    field("epsilon", o.epsilon);
    field("convention", o.convention);
    shared_fields(o, field);
}

Adagrad::Adagrad(AdagradOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"accumulator"}), options_(std::move(options)) {
    require<std::invalid_argument>(options_.initial_accumulator_value >= 0,
                                   "Adagrad: expected initial_accumulator_value >= 0, got {}",
                                   options_.initial_accumulator_value);
}

void Adagrad::start(std::size_t slot, Tensor& values, const Tensor&) const {
    if (slot == 0) values.assign(full(values.shape(), options_.initial_accumulator_value, values.dtype()));
}
void Adagrad::update(const Move& move) {
    const double lr = move.learning_rate;
    const bool torch = options_.convention == Convention::torch;
    const double inside = torch ? 0 : options_.epsilon, outside = torch ? options_.epsilon : 0;
    each<1>(move, [=](auto& w, auto g, auto& sum) {
        sum += g * g;
        w -= over_root(lr * g, sum + inside, outside);
    });
}

void Adagrad::describe(Config& config) const { detail::describe(config, options_, *this); }
Adagrad Adagrad::from_config(const Config& config) { return detail::made<Adagrad, AdagradOptions>("Adagrad", config); }

}  // namespace xg
