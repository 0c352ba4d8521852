// Points where a derivative has to be decided, not computed: docs/autodiff.md has the same table in words.
#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
constexpr double inf = INFINITY;
struct Point {
    const char* what;
    Tensor (*f)(const Tensor& x);
    std::vector<double> x, slope;
};
const Point points[] = {
    {"relu at 0", [](const Tensor& x) { return relu(x); }, {0}, {0}},
    {"relu6 at its ends", [](const Tensor& x) { return relu6(x); }, {0, 6}, {0, 0}},
    {"prelu at 0", [](const Tensor& x) { return prelu(x, full({1}, 0.3, f64)); }, {0}, {0}},
    {"celu at 0, where both branches count, as in Keras", [](const Tensor& x) { return celu(x); }, {0}, {2}},
    {"hinge at its margin", [](const Tensor& x) { return Hinge().each(ones({1}, f64), x); }, {1}, {-1}},
    {"abs at 0", [](const Tensor& x) { return abs(x); }, {0}, {0}},
    {"clip at its ends", [](const Tensor& x) { return clip(x, -1, 1); }, {-1, 1, 2}, {1, 1, 0}},
    {"sqrt at 0", [](const Tensor& x) { return sqrt(x); }, {0}, {inf}},
    {"norm at 0", [](const Tensor& x) { return norm(x); }, {0, 0}, {0, 0}},
    {"hypot at 0", [](const Tensor& x) { return hypot(x, 0 * x); }, {0}, {0}},
    {"stddev of a constant", [](const Tensor& x) { return stddev(x); }, {3, 3}, {0, 0}},
    {"max over ties", [](const Tensor& x) { return max(x); }, {1, 1, 0}, {0.5, 0.5, 0}},
    {"min over ties", [](const Tensor& x) { return min(x); }, {1, 1, 2}, {0.5, 0.5, 0}},
    {"maximum of equals", [](const Tensor& x) { return maximum(x, x.detach()); }, {1}, {0.5}},
    {"sort over ties", [](const Tensor& x) { return Tensor(sort(x)(0)); }, {1, 1}, {1, 0}},
    {"topk over ties", [](const Tensor& x) { return topk(x, 1).values; }, {1, 1}, {1, 0}},
    {"prod with one zero", [](const Tensor& x) { return prod(x); }, {0, 2, 3}, {6, 0, 0}},
    {"prod with two zeros", [](const Tensor& x) { return prod(x); }, {0, 0, 3}, {0, 0, 0}},
    {"cumprod with a zero", [](const Tensor& x) { return sum(cumprod(x, 0)); }, {2, 0, 3}, {1, 8, 0}},
    {"x to the power 0 at 0", [](const Tensor& x) { return pow(x, 0); }, {0}, {0}},
    {"x squared at 0 and below", [](const Tensor& x) { return pow(x, 2); }, {0, -2}, {0, -4}},
    {"0 to the power x", [](const Tensor& x) { return pow(zeros({1}, f64), x); }, {2}, {0}},
    {"where over log at 0, cut before",
     [](const Tensor& x) { return where(x > 0, log(where(x > 0, x, 1)), 0); },
     {0, 2},
     {0, 0.5}},
    {"logsumexp of -inf", [](const Tensor& x) { return logsumexp(x); }, {-inf, -inf}, {0, 0}},
    {"softmax of a masked entry",
     [](const Tensor& x) { return Tensor(softmax(x)(1)); },
     {-inf, 0, 0},
     {0, 0.25, -0.25}},
    {"softplus far out", [](const Tensor& x) { return softplus(x); }, {1000, -1000}, {1, 0}},
    {"sigmoid far out", [](const Tensor& x) { return sigmoid(x); }, {1000, -1000}, {0, 0}},
    {"logaddexp of -inf", [](const Tensor& x) { return logaddexp(x, x.detach()); }, {-inf}, {0.5}},
    {"arctan2 at the origin", [](const Tensor& x) { return arctan2(x, 0 * x.detach()); }, {0}, {0}},
    {"floor, sign", [](const Tensor& x) { return floor(x) + sign(x); }, {0, 1.5}, {0, 0}},
    {"mod at a multiple", [](const Tensor& x) { return mod(x, 2); }, {4}, {1}},
    {"binary cross-entropy of a sure mistake",
     [](const Tensor& x) { return sigmoid_cross_entropy(x, ones({1}, f64)); },
     {-1000},
     {-1}},
};
}  // namespace

TEST_CASE("awkward points have the derivatives that are documented", "[gradients]") {
    for (const Point& p : points) {
        INFO(p.what);
        const Tensor x = Tensor::of<double>({p.x.size()}, p.x).require_grad();
        const Tensor dx = grad(sum(p.f(x)), x);
        for (std::size_t i = 0; i < p.slope.size(); ++i) CHECK(dx(i).item() == p.slope[i]);
    }
}
TEST_CASE("reductions of nothing have gradients of nothing, or an error with its rule", "[gradients]") {
    const Tensor nothing = zeros({0, 3}, f64).require_grad();
    for (auto f : {+[](const Tensor& x) { return sum(x); }, +[](const Tensor& x) { return prod(x); },
                   +[](const Tensor& x) { return sum(softmax(x)); }, +[](const Tensor& x) { return sum(exp(x) * x); }})
        CHECK(grad(f(nothing), nothing).shape() == Shape({0, 3}));
    CHECK_THROWS_WITH(max(nothing), "max: expected at least one element along the axes, got shape (0, 3)");
    CHECK_THROWS_WITH(var(ones({1}), all, {.correction = 1}), "var: expected more than 1 values, got 1");
}
