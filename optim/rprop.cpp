#include "rprop.h"
#include "../tensor/create.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(RpropOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("eta_minus", o.eta_minus);
    field("eta_plus", o.eta_plus);
    field("least_step", o.least_step);
    field("largest_step", o.largest_step);
    field("convention", o.convention);
    shared_fields(o, field);
}

Rprop::Rprop(RpropOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"previous_gradient", "step_size"}),
      options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(0 < o.eta_minus && o.eta_minus < 1 && 1 < o.eta_plus,
                                   "Rprop: expected 0 < eta_minus < 1 < eta_plus, got {} and {}", o.eta_minus,
                                   o.eta_plus);
    require<std::invalid_argument>(0 < o.least_step && o.least_step <= o.largest_step,
                                   "Rprop: expected 0 < least_step <= largest_step, got {} and {}", o.least_step,
                                   o.largest_step);
}

void Rprop::start(std::size_t slot, Tensor& values, const Tensor&) const {
    if (slot == 1) values.assign(full(values.shape(), learning_rate(), values.dtype()));
}
void Rprop::update(const Move& move) {
    const double shrink = options_.eta_minus, grow = options_.eta_plus, least = options_.least_step,
                 largest = options_.largest_step;
    each<2>(move, [=](auto& w, auto g, auto& previous, auto& size) {
        const auto agreement = g * previous;
        size *= where(agreement > 0, decltype(g)(grow), where(agreement < 0, decltype(g)(shrink), 1));
        size = minimum(maximum(size, least), largest);
        previous = where(agreement < 0, decltype(g)(0), g);
        w -= sign(previous) * size;
    });
}

void Rprop::describe(Config& config) const { detail::describe(config, options_, *this); }
Rprop Rprop::from_config(const Config& config) { return detail::made<Rprop, RpropOptions>("Rprop", config); }

}  // namespace xg
