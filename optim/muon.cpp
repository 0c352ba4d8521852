#include "muon.h"
#include <algorithm>
#include <cmath>
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/linear_algebra.h"
#include "../autograd/ops/reduction.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(MuonOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("adam_beta_1", o.adam_beta_1);
    field("adam_beta_2", o.adam_beta_2);
    field("adam_weight_decay", o.adam_weight_decay);
    field("epsilon", o.epsilon);
    field("exclude_layers", o.exclude_layers);
    field("exclude_embeddings", o.exclude_embeddings);
    field("muon_a", o.muon_a);
    field("muon_b", o.muon_b);
    field("muon_c", o.muon_c);
    field("adam_lr_ratio", o.adam_lr_ratio);
    field("momentum", o.momentum);
    field("ns_steps", o.ns_steps);
    field("nesterov", o.nesterov);
    field("rms_rate", o.rms_rate);
    shared_fields(o, field);
}

Muon::Muon(MuonOptions options)
    : Optimizer(options.learning_rate, step_options(options), {"momentum", "velocity"}), options_(std::move(options)) {
    require<std::invalid_argument>(options_.ns_steps >= 0, "Muon: expected ns_steps >= 0, got {}", options_.ns_steps);
}

bool Muon::by_adam(std::size_t parameter) const {
    const auto& o = options_;
    const std::string& path = name(parameter);
    const auto has = [&](const std::string& word) { return path.find(word) != std::string::npos; };
    require<std::logic_error>(o.exclude_layers.empty() || !path.empty(),
                              "Muon: expected a module to step, as exclude_layers go by name, got a list of tensors");
    return bound()[parameter].rank() != 2 || (o.exclude_embeddings && has("embedding")) ||
           std::ranges::any_of(o.exclude_layers, has);
}
Shape Muon::slot_shape(std::size_t slot, std::size_t parameter) const {
    return slot == 1 && !by_adam(parameter) ? Shape{0} : Optimizer::slot_shape(slot, parameter);
}
double Muon::weight_decay(std::size_t parameter) const {
    return by_adam(parameter) ? options_.adam_weight_decay : options_.weight_decay;
}
Tensor Muon::orthogonal(Tensor x) const {
    const double a = options_.muon_a, b = options_.muon_b, c = options_.muon_c;
    const bool tall = x.shape()[0] > x.shape()[1];
    if (tall) x = transpose(x);
    x = x / (norm(x) + 1e-7);
    for (int k = 0; k < options_.ns_steps; ++k) {
        const Tensor gram = matmul(x, x, {.transpose_b = true});
        x = a * x + matmul(b * gram + c * matmul(gram, gram), x);
    }
    return tall ? transpose(x) : x;
}
void Muon::update(const Move& move) {
    const auto& o = options_;
    std::vector<Stretch> adam;
    for (const Stretch& s : move.stretches) {
        if (by_adam(s.parameter)) {
            adam.push_back(s);
            continue;
        }
        const Tensor g = prepared(move, s);
        Tensor w = bound()[s.parameter], m = slot_of(0, s.parameter);
        m.assign(o.momentum * m + g);
        const double longest = double(std::max(w.shape()[0], w.shape()[1])),
                     length = o.rms_rate > 0 ? o.rms_rate * std::sqrt(longest) : 1;
        w.assign(w - move.learning_rate * length * orthogonal(o.nesterov ? g + o.momentum * m : m));
    }
    const double b1 = o.adam_beta_1, b2 = o.adam_beta_2, eps = o.epsilon, t = double(move.step);
    const double rate = o.adam_lr_ratio * move.learning_rate * std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
    each<2>({move.dtype, move.learning_rate, move.step, adam}, [=](auto& w, auto g, auto& m, auto& v) {
        m += (1 - b1) * (g - m);
        v += (1 - b2) * (g * g - v);
        w -= over_root(rate * m, v, eps);
    });
}

void Muon::describe(Config& config) const { detail::describe(config, options_, *this); }
Muon Muon::from_config(const Config& config) {
    Config given = config;  // null is a setting of these, not the default
    for (const char* name : {"rms_rate", "weight_decay", "adam_weight_decay"})
        if (config.null(name)) given.set(name, 0.0);
    return detail::made<Muon, MuonOptions>("Muon", given);
}

}  // namespace xg
