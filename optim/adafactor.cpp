#include "adafactor.h"
#include <algorithm>
#include <cmath>
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(AdafactorOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_2_decay", o.beta_2_decay);
    field("epsilon_1", o.epsilon_1);
    field("epsilon_2", o.epsilon_2);
    field("clip_threshold", o.clip_threshold);
    field("relative_step", o.relative_step);
    shared_fields(o, field);
}

Adafactor::Adafactor(AdafactorOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"r", "c", "velocity"}), options_(std::move(options)) {}

Shape Adafactor::slot_shape(std::size_t slot, std::size_t parameter) const {
    const Shape& shape = bound()[parameter].shape();
    if (slot > 2) return Optimizer::slot_shape(slot, parameter);
    if (shape.rank() < 2) return slot == 2 ? shape : Shape{0};
    if (slot == 2) return Shape{0};
    Shape means(shape.begin(), shape.end() - 1);
    if (slot == 1) means.back() = shape.back();
    return means;
}
void Adafactor::update(const Move& move) {
    const auto& o = options_;
    const double t = double(move.step), keep = 1 - std::pow(t, o.beta_2_decay);
    const auto rms = [](const Tensor& x) { return std::sqrt(mean(square(x)).item()); };
    const auto renew = [&](Tensor average, const Tensor& squares) {
        average.assign(keep * average + (1 - keep) * squares);
        return average;
    };
    for (const Stretch& s : move.stretches) {
        const Tensor g = prepared(move, s), squares = square(g) + o.epsilon_1;
        Tensor w = bound()[s.parameter], velocity;
        if (w.rank() < 2) velocity = renew(slot_of(2, s.parameter), squares);
        else {
            const Tensor r = renew(slot_of(0, s.parameter), mean(squares, -1)),
                         c = renew(slot_of(1, s.parameter), mean(squares, -2));
            velocity = expand_dims(r / mean(r, -1, {.keepdims = true}), -1) * expand_dims(c, -2);
        }
        const Tensor direction = g / sqrt(velocity);
        const double rate = std::min(move.learning_rate, 1 / std::sqrt(t)),
                     size = std::max(o.epsilon_2, rms(w)) / std::max(1.0, rms(direction) / o.clip_threshold);
        w.assign(w - rate * size * direction);
    }
}

void Adafactor::describe(Config& config) const { detail::describe(config, options_, *this); }
Adafactor Adafactor::from_config(const Config& config) {
    return detail::made<Adafactor, AdafactorOptions>("Adafactor", config);
}

}  // namespace xg
