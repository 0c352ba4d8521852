#include "ftrl.h"
#include "../tensor/create.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(FtrlOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("learning_rate_power", o.learning_rate_power);
    field("initial_accumulator_value", o.initial_accumulator_value);
    field("l1_regularization_strength", o.l1_regularization_strength);
    field("l2_regularization_strength", o.l2_regularization_strength);
    field("l2_shrinkage_regularization_strength", o.l2_shrinkage_regularization_strength);
    field("beta", o.beta);
    shared_fields(o, field);
}

Ftrl::Ftrl(FtrlOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"accumulator", "linear"}), options_(std::move(options)) {
    const auto& o = options_;
    const auto require_sign = [](const char* name, double value, bool ok, const char* rule) {
        require<std::invalid_argument>(ok, "Ftrl: expected {} {} 0, got {}", name, rule, value);
    };
    require_sign("learning_rate_power", o.learning_rate_power, o.learning_rate_power <= 0, "<=");
    require_sign("initial_accumulator_value", o.initial_accumulator_value, o.initial_accumulator_value >= 0, ">=");
    require_sign("l1_regularization_strength", o.l1_regularization_strength, o.l1_regularization_strength >= 0, ">=");
    require_sign("l2_regularization_strength", o.l2_regularization_strength, o.l2_regularization_strength >= 0, ">=");
    require_sign("l2_shrinkage_regularization_strength", o.l2_shrinkage_regularization_strength,
                 o.l2_shrinkage_regularization_strength >= 0, ">=");
}

void Ftrl::start(std::size_t slot, Tensor& values, const Tensor&) const {
    if (slot == 0) values.assign(full(values.shape(), options_.initial_accumulator_value, values.dtype()));
}
void Ftrl::update(const Move& move) {
    const double lr = move.learning_rate, power = -options_.learning_rate_power,
                 l1 = options_.l1_regularization_strength,
                 l2 = options_.l2_regularization_strength + options_.beta / (2 * lr),
                 shrinkage = options_.l2_shrinkage_regularization_strength;
    const auto step = [&](const auto& root) {
        each<2>(move, [=](auto& w, auto g, auto& n, auto& z) {
            const auto before = root(n);
            n += g * g;
            const auto after = root(n);
            z += g + 2 * shrinkage * w - (after - before) / lr * w;
            w = (minimum(maximum(z, -l1), l1) - z) / (after / lr + 2 * l2);
        });
    };
    if (power == 0.5) step([](auto n) { return sqrt(n); });
    else step([=](auto n) { return pow(n, decltype(n)(power)); });
}

void Ftrl::describe(Config& config) const { detail::describe(config, options_, *this); }
Ftrl Ftrl::from_config(const Config& config) { return detail::made<Ftrl, FtrlOptions>("Ftrl", config); }

}  // namespace xg
