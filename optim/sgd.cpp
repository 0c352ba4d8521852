#include "sgd.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(SGDOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("momentum", o.momentum);
    field("nesterov", o.nesterov);
    field("dampening", o.dampening);
    field("convention", o.convention);
    shared_fields(o, field);
}

SGD::SGD(SGDOptions options)
    : Optimizer(options.learning_rate, step_options(options),
                options.momentum != 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{}),
      options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(0 <= o.momentum && o.momentum <= 1, "SGD: expected 0 <= momentum <= 1, got {}",
                                   o.momentum);
    require<std::invalid_argument>(o.dampening == 0 || (o.convention == Convention::torch && !o.nesterov),
                                   "SGD: expected dampening 0, but in PyTorch's convention without nesterov, got {}",
                                   o.dampening);
}

void SGD::update(const Move& move) {
    const double mu = options_.momentum, lr = move.learning_rate;
    const bool torch = options_.convention == Convention::torch;
    const double enters = !torch ? -lr : move.step == 1 ? 1 : 1 - options_.dampening, leaves = torch ? lr : -1;
    if (mu == 0) each<0>(move, [=](auto& w, auto g) { w -= lr * g; });
    else if (options_.nesterov)
        each<1>(move, [=](auto& w, auto g, auto& m) {
            m = mu * m + enters * g;
            w -= leaves * (mu * m + enters * g);
        });
    else
        each<1>(move, [=](auto& w, auto g, auto& m) {
            m = mu * m + enters * g;
            w -= leaves * m;
        });
}

void SGD::describe(Config& config) const { detail::describe(config, options_, *this); }
SGD SGD::from_config(const Config& config) { return detail::made<SGD, SGDOptions>("SGD", config); }

}  // namespace xg
