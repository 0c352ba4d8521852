#include "sgd.h"
#include "each.h"

namespace xg {

namespace {
std::vector<std::string> slots_of(const SGDOptions& o) {
    return o.momentum != 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{};
}
}  // namespace

SGD::SGD(SGDOptions options)
    : Optimizer(options.learning_rate, step_options(options), slots_of(options)), options_(std::move(options)) {
    require<std::invalid_argument>(0 <= options_.momentum && options_.momentum <= 1,
                                   "SGD: expected 0 <= momentum <= 1, got {}", options_.momentum);
}
void SGD::update(const Stretch& p, double lr) {
    const double mu = options_.momentum;
    if (mu == 0) each<0>(p, [=](auto& w, auto g) { w -= lr * g; });
    else if (options_.nesterov)
        each<1>(p, [=](auto& w, auto g, auto& m) {
            m = mu * m - lr * g;
            w += mu * m - lr * g;
        });
    else
        each<1>(p, [=](auto& w, auto g, auto& m) {
            m = mu * m - lr * g;
            w += m;
        });
}

}  // namespace xg
