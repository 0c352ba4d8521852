#include "adam.h"
#include <cmath>
#include "each.h"

namespace xg {

namespace {
std::vector<std::string> slots_of(const AdamOptions& o) {
    std::vector<std::string> names{"momentum", "velocity"};
    if (o.amsgrad) names.push_back("velocity_hat");
    return names;
}
}  // namespace

Adam::Adam(AdamOptions options)
    : Optimizer(options.learning_rate, step_options(options), slots_of(options)), options_(std::move(options)) {}

void Adam::update(const Stretch& p, double lr) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(p.step);
    const double rate = lr * std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
    const auto moments = [=](auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
    };
    if (options_.amsgrad)
        each<3>(p, [=](auto& w, auto g, auto& m, auto& v, auto& highest) {
            moments(g, m, v);
            highest = maximum(highest, v);
            w -= rate * m / (sqrt(highest) + eps);
        });
    else
        each<2>(p, [=](auto& w, auto g, auto& m, auto& v) {
            moments(g, m, v);
            w -= rate * m / (sqrt(v) + eps);
        });
}

AdamW::AdamW(AdamWOptions o)
    : Adam({.learning_rate = std::move(o.learning_rate),
            .beta_1 = o.beta_1,
            .beta_2 = o.beta_2,
            .epsilon = o.epsilon,
            .amsgrad = o.amsgrad,
            .weight_decay = o.weight_decay,
            .clipnorm = o.clipnorm,
            .clipvalue = o.clipvalue,
            .global_clipnorm = o.global_clipnorm,
            .use_ema = o.use_ema,
            .ema_momentum = o.ema_momentum,
            .ema_overwrite_frequency = o.ema_overwrite_frequency,
            .loss_scale_factor = o.loss_scale_factor,
            .gradient_accumulation_steps = o.gradient_accumulation_steps}) {}

}  // namespace xg
