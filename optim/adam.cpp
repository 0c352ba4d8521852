#include "adam.h"
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

namespace {
template <class O, class F> void adam_fields(O& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("amsgrad", o.amsgrad);
    field("convention", o.convention);
    shared_fields(o, field);
}
std::vector<std::string> slots_of(const AdamOptions& o) {
    std::vector<std::string> names{"momentum", "velocity"};
    if (o.amsgrad) names.push_back("velocity_hat");
    return names;
}
AdamOptions adam_options(const AdamWOptions& o) {
    return {.learning_rate = o.learning_rate,
            .beta_1 = o.beta_1,
            .beta_2 = o.beta_2,
            .epsilon = o.epsilon,
            .amsgrad = o.amsgrad,
            .convention = o.convention,
            .weight_decay = o.weight_decay,
            .clipnorm = o.clipnorm,
            .clipvalue = o.clipvalue,
            .global_clipnorm = o.global_clipnorm,
            .use_ema = o.use_ema,
            .ema_momentum = o.ema_momentum,
            .ema_overwrite_frequency = o.ema_overwrite_frequency,
            .loss_scale_factor = o.loss_scale_factor,
            .gradient_accumulation_steps = o.gradient_accumulation_steps};
}
}  // namespace
template <class F> void fields(AdamOptions& o, F&& field) { adam_fields(o, field); }
template <class F> void fields(AdamWOptions& o, F&& field) { adam_fields(o, field); }

Adam::Adam(AdamOptions options) : Adam(options, step_options(options)) {}
Adam::Adam(AdamOptions options, StepOptions step)
    : Optimizer(options.learning_rate, step, slots_of(options)), options_(std::move(options)) {}

void Adam::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, t = double(move.step),
                 root = std::sqrt(1 - std::pow(b2, t));
    const double rate = move.learning_rate * root / (1 - std::pow(b1, t));
    const double eps = options_.epsilon * (options_.convention == Convention::torch ? root : 1);
    const auto moments = [=](auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
    };
    if (options_.amsgrad)
        each<3>(move, [=](auto& w, auto g, auto& m, auto& v, auto& highest) {
            moments(g, m, v);
            highest = maximum(highest, v);
            w -= over_root(rate * m, highest, eps);
        });
    else
        each<2>(move, [=](auto& w, auto g, auto& m, auto& v) {
            moments(g, m, v);
            w -= over_root(rate * m, v, eps);
        });
}
void Adam::describe(Config& config) const { detail::describe(config, options_, *this); }
Adam Adam::from_config(const Config& config) { return detail::made<Adam, AdamOptions>("Adam", config); }

AdamW::AdamW(AdamWOptions options) : Adam(adam_options(options), decoupled(step_options(options))) {}
AdamW AdamW::from_config(const Config& config) { return detail::made<AdamW, AdamWOptions>("AdamW", config); }

}  // namespace xg
