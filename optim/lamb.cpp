#include "lamb.h"
#include <cmath>
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(LambOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    shared_fields(o, field);
}

Lamb::Lamb(LambOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "velocity"}), options_(std::move(options)) {}

void Lamb::update(const Move& move) {
    const double b1 = options_.beta_1, b2 = options_.beta_2, eps = options_.epsilon, t = double(move.step);
    const double of_m = 1 / (1 - std::pow(b1, t)), of_v = 1 / (1 - std::pow(b2, t));
    each<2>(move, [=](auto&, auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
    });
    const auto direction = [=](auto m, auto v) { return over_root(of_m * m, of_v * v, eps); };
    for (Stretch s : move.stretches) {
        const double size = std::sqrt(total<0>(move.dtype, s, [](auto w) { return w * w; }));
        const double length = std::sqrt(total<2>(move.dtype, s, [=](auto, auto m, auto v) {
            const auto d = direction(m, v);
            return d * d;
        }));
        const double rate = move.learning_rate * (size > 0 && length > 0 ? size / length : 1);
        s.scale = 1, s.clip = s.coupled_decay = s.decay = 0;  // done above
        each<2>({move.dtype, rate, move.step, {&s, 1}},
                [=](auto& w, auto, auto& m, auto& v) { w -= rate * direction(m, v); });
    }
}
void Lamb::describe(Config& config) const { detail::describe(config, options_, *this); }
Lamb Lamb::from_config(const Config& config) { return detail::made<Lamb, LambOptions>("Lamb", config); }

}  // namespace xg
