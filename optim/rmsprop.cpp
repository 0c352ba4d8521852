#include "rmsprop.h"
#include "each.h"

namespace xg {

namespace {
std::vector<std::string> slots_of(const RMSpropOptions& o) {
    std::vector<std::string> names{"velocity"};
    if (o.momentum > 0) names.push_back("momentum");
    if (o.centered) names.push_back("average_gradient");
    return names;
}
}  // namespace

RMSprop::RMSprop(RMSpropOptions options)
    : Optimizer(options.learning_rate, step_options(options), slots_of(options)), options_(std::move(options)) {}

void RMSprop::update(const Stretch& p, double lr) {
    const double rho = options_.rho, mu = options_.momentum, eps = options_.epsilon;
    const auto mean = [=](auto& average, auto x) { average = rho * average + (1 - rho) * x; };
    const auto scaled = [=](auto g, auto& v) {
        mean(v, g * g);
        return lr * g / sqrt(v + eps);
    };
    const auto centered = [=](auto g, auto& v, auto& average) {
        mean(v, g * g);
        mean(average, g);
        return lr * g / sqrt(v - average * average + eps);
    };
    if (mu > 0 && options_.centered)
        each<3>(p, [=](auto& w, auto g, auto& v, auto& m, auto& average) {
            m = mu * m + centered(g, v, average);
            w -= m;
        });
    else if (mu > 0)
        each<2>(p, [=](auto& w, auto g, auto& v, auto& m) {
            m = mu * m + scaled(g, v);
            w -= m;
        });
    else if (options_.centered)
        each<2>(p, [=](auto& w, auto g, auto& v, auto& average) { w -= centered(g, v, average); });
    else each<1>(p, [=](auto& w, auto g, auto& v) { w -= scaled(g, v); });
}

}  // namespace xg
