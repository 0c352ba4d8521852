// W9: the sum of tanh(x * 1.5 + 0.5) * sigmoid(x) - 0.5 * x * x, with and without its gradient, by the element.
#include <fmt/core.h>
#include <cmath>
#include <memory>
#include "../../xgrad.h"
#include "../bounds/loops.h"
#include "../harness.h"
using namespace xg;

namespace bench {

namespace {
constexpr auto z = [](auto x) { return tanh(x * 1.5 + 0.5) * sigmoid(x) - 0.5 * x * x; };
Tensor as_map(const Tensor& x) { return sum(map(z, x)); }
Tensor by_operations(const Tensor& x) { return sum(z(x)); }

Tensor argument(std::int64_t n) { return normal(RandomKey{9, 0}, {n}); }
float by_hand(const float* x, float* dx, std::int64_t n) {
    using B = loops::B;
    B total(0);
    for (std::int64_t i = 0; i < n; i += loops::W) {
        const B v = B::load(x + i), t = tanh(v * 1.5 + 0.5), s = sigmoid(v);
        total += where(first_lanes<float>(n - i), t * s - 0.5 * v * v, B(0));
        if (dx) (1.5 * (1 - t * t) * s + t * s * (1 - s) - v).store(dx + i);
    }
    return xg::sum(total);
}
double difference(const Tensor& x, bool backward) {
    Tensor dx = zeros_like(x);
    const float theirs = by_hand(x.raw<float>(), backward ? dx.raw<float>() : nullptr, x.numel());
    const Tensor y = as_map(x);
    double worst = std::abs(y.item() - theirs) / std::abs(theirs);
    if (backward) worst = std::max(worst, xg::max(xg::abs(grad(y, x) - dx)).item());
    return worst;
}
Case summed(std::int64_t n, bool backward, bool one_map) {
    Case c{.workload = "W9",
           .metric = fmt::format("{}_{}", backward ? "fwd_bwd" : "fwd", n),
           .unit = "ns",
           .mode = one_map ? "one map" : "operations",
           .per = double(n)};
    c.make = [=] {
        const Tensor x = argument(n).require_grad(backward);
        return Work{[=](int steps) {
            for (int i = 0; i < steps; ++i) {
                const Tensor y = one_map ? as_map(x) : by_operations(x);
                if (!backward) continue;
                y.backward();
                x.zero_grad();
            }
        }};
    };
    if (!one_map) return c;
    c.bound = [=] {
        const Tensor x = argument(n), dx = Tensor::empty(x.shape());
        return Work{[=](int steps) {
            for (int i = 0; i < steps; ++i) {
                volatile float total = by_hand(x.raw<float>(), backward ? dx.raw<float>() : nullptr, n);
                (void)total;
            }
        }};
    };
    c.difference = [=] { return difference(argument(n).require_grad(backward), backward); };
    c.tolerance = 1e-4;
    return c;
}
const bool registered = [] {
    for (const std::int64_t n : {1'000, 100'000, 1'000'000, 10'000'000})
        for (const bool backward : {false, true})
            for (const bool one_map : {true, false}) Register(summed(n, backward, one_map));
    return true;
}();
}  // namespace

}  // namespace bench
