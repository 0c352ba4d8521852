#include "rmsprop.h"
#include "each.h"
#include "fields.h"

namespace xg {

template <class F> void fields(RMSpropOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("rho", o.rho);
    field("momentum", o.momentum);
    field("epsilon", o.epsilon);
    field("centered", o.centered);
    field("convention", o.convention);
    shared_fields(o, field);
}

namespace {
std::vector<std::string> slots_of(const RMSpropOptions& o) {
    std::vector<std::string> names{"velocity"};
    if (o.momentum > 0) names.emplace_back("momentum");
    if (o.centered) names.emplace_back("average_gradient");
    return names;
}
}  // namespace

RMSprop::RMSprop(RMSpropOptions options)
    : Optimizer(options.learning_rate, step_options(options), slots_of(options)), options_(std::move(options)) {}

void RMSprop::update(const Move& move) {
    const double rho = options_.rho, mu = options_.momentum, lr = move.learning_rate;
    const bool torch = options_.convention == Convention::torch;
    const double inside = torch ? 0 : options_.epsilon, outside = torch ? options_.epsilon : 0;
    const double enters = torch ? 1 : lr, leaves = torch ? lr : 1;
    const auto mean = [=](auto& average, auto x) { average = rho * average + (1 - rho) * x; };
    const auto scaled = [=](auto g, auto& v) {
        mean(v, g * g);
        return over_root(g, v + inside, outside);
    };
    const auto centered = [=](auto g, auto& v, auto& average) {
        mean(v, g * g);
        mean(average, g);
        return over_root(g, v - average * average + inside, outside);
    };
    if (mu > 0 && options_.centered)
        each<3>(move, [=](auto& w, auto g, auto& v, auto& m, auto& average) {
            m = mu * m + enters * centered(g, v, average);
            w -= leaves * m;
        });
    else if (mu > 0)
        each<2>(move, [=](auto& w, auto g, auto& v, auto& m) {
            m = mu * m + enters * scaled(g, v);
            w -= leaves * m;
        });
    else if (options_.centered)
        each<2>(move, [=](auto& w, auto g, auto& v, auto& average) { w -= lr * centered(g, v, average); });
    else each<1>(move, [=](auto& w, auto g, auto& v) { w -= lr * scaled(g, v); });
}

void RMSprop::describe(Config& config) const { detail::describe(config, options_, *this); }
RMSprop RMSprop::from_config(const Config& config) { return detail::made<RMSprop, RMSpropOptions>("RMSprop", config); }

}  // namespace xg
