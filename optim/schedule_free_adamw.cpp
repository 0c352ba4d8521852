#include "schedule_free_adamw.h"
#include <algorithm>
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(ScheduleFreeAdamWOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("warmup_steps", o.warmup_steps);
    field("convention", o.convention);
    shared_fields(o, field);
}

ScheduleFreeAdamW::ScheduleFreeAdamW(ScheduleFreeAdamWOptions options)
    : Optimizer(options.learning_rate, decoupled(step_options(options)), {"momentum", "velocity"}),
      options_(std::move(options)) {
    require<std::invalid_argument>(0 < options_.beta_1 && options_.beta_1 <= 1,
                                   "ScheduleFreeAdamW: expected 0 < beta_1 <= 1, got {}", options_.beta_1);
    require<std::invalid_argument>(options_.warmup_steps >= 0, "ScheduleFreeAdamW: expected warmup_steps >= 0, got {}",
                                   options_.warmup_steps);
}

void ScheduleFreeAdamW::start(std::size_t slot, Tensor& values, const Tensor& parameter) const {
    if (slot == 0) values.assign(parameter);
}
/// The parameter is the paper's y, the slot "momentum" its z; x, the average, lies behind both.
void ScheduleFreeAdamW::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(move.step);
    const double warm = options_.warmup_steps ? std::min(t / double(options_.warmup_steps), 1.0) : 1;
    const double lr = move.learning_rate * warm, of_v = 1 / (1 - std::pow(b2, t));
    const auto step = [=](auto g, auto& z, auto& v) {
        v += (1 - b2) * (g * g - v);
        z -= over_root(lr * g, of_v * v, eps);
    };
    const auto meet = [=](auto& y, auto x, auto z) { y = (1 - b1) * z + b1 * (x + (z - x) / t); };
    const auto average = [=](auto y, auto z) { return (y - (1 - b1) * z) / b1; };
    if (options_.convention == Convention::keras)
        each<2>(move, [=](auto& y, auto g, auto& z, auto& v) {
            step(g, z, v);
            meet(y, average(y, z), z);
        });
    else
        each<2>(move, [=](auto& y, auto g, auto& z, auto& v) {
            const auto x = average(y, z);
            step(g, z, v);
            meet(y, x, z);
        });
}
void ScheduleFreeAdamW::describe(Config& config) const { detail::describe(config, options_, *this); }
ScheduleFreeAdamW ScheduleFreeAdamW::from_config(const Config& config) {
    return detail::made<ScheduleFreeAdamW, ScheduleFreeAdamWOptions>("ScheduleFreeAdamW", config);
}

}  // namespace xg
