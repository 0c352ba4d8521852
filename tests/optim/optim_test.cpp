#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("optimizers refuse settings without a meaning", "[optim]") {
    CHECK_THROWS_WITH(SGD({.clipnorm = 1, .clipvalue = 1}),
                      "Optimizer: expected at most one of clipnorm, clipvalue and global_clipnorm, got 1, 1 and 0");
    CHECK_THROWS_WITH(Adam({.gradient_accumulation_steps = 1}),
                      "Optimizer: expected gradient_accumulation_steps of at least 2, or 0, got 1");
    CHECK_THROWS_WITH(SGD({.momentum = 2}), "SGD: expected 0 <= momentum <= 1, got 2");
    CHECK_THROWS_WITH(Adam({.use_ema = true, .ema_momentum = 2}), "Optimizer: expected 0 <= ema_momentum <= 1, got 2");
    CHECK_THROWS_WITH(Adam().use_average(), "use_average: expected an optimizer with use_ema that has made a step");
    CHECK_THROWS_WITH(ExponentialDecay({.decay_steps = 0}), "ExponentialDecay: expected decay_steps > 0, got 0");
    CHECK_THROWS_WITH(PiecewiseConstantDecay({.boundaries = {1}, .values = {1}}),
                      "PiecewiseConstantDecay: expected one value more than boundaries, got 1 and 1");
    CHECK_THROWS_WITH(PiecewiseConstantDecay({.boundaries = {2, 1}, .values = {1, 2, 3}}),
                      "PiecewiseConstantDecay: expected rising boundaries, got others");
    CHECK_THROWS_WITH(CosineDecayRestarts({.t_mul = 0.5}), "CosineDecayRestarts: expected t_mul >= 1, got 0.5");
    const Tensor a = ones({1}).require_grad(), b = ones({1}, f64).require_grad();
    SGD sgd;
    CHECK_THROWS_WITH(sgd.step({a, b}), "Optimizer: expected parameters of one dtype, got float32 and float64");
}

TEST_CASE("a step between forward and backward is noticed", "[optim]") {
    const Tensor w = ones({2}).require_grad();
    const Tensor cost = sum(w * w);
    SGD sgd;
    sum(w * 2).backward();
    sgd.step({w});
    CHECK_THROWS_WITH(cost.backward(),
                      "backward of multiply: expected its saved value of shape (2,) unchanged, got it changed in place "
                      "by Optimizer::step");
}

TEST_CASE("what was learned about a parameter stays when the set changes", "[optim]") {
    const Tensor a = ones({3}, f64).require_grad(), b = ones({2}, f64).require_grad();
    SGD one({.learning_rate = 0.1, .momentum = 0.9});
    one.minimize(sum(a) + sum(b), {a, b});
    one.minimize(sum(a), {a});
    CHECK(a(0).item() == Approx(1 - 0.1 - 0.19));
    CHECK(b(0).item() == Approx(0.9));
}

TEST_CASE("parameters whose values moved elsewhere are found again", "[optim]") {
    Sequential net{Input({2}), Dense(1)};
    SGD sgd({.learning_rate = 0.1, .momentum = 0.9});
    const Tensor kernel = net.parameters()[0];
    sgd.minimize(sum(kernel), {kernel});
    net.to(f64);
    net.to(f32);
    const float before = kernel.raw<float>()[0];
    sgd.minimize(sum(kernel), {kernel});
    CHECK(kernel.raw<float>()[0] == Approx(before - 0.19));
}

TEST_CASE("a copy has the same settings and starts afresh", "[optim]") {
    const Tensor w = ones({1}).require_grad();
    Adam adam({.learning_rate = [](std::int64_t step) { return 0.1 / double(1 + step); }});
    adam.minimize(sum(w), {w});
    const Adam copy = adam;
    CHECK(adam.steps() == 1);
    CHECK(adam.learning_rate() == Approx(0.05));
    CHECK(copy.steps() == 0);
    CHECK(copy.learning_rate() == Approx(0.1));
    adam.scale_learning_rate(0.5);
    CHECK(adam.learning_rate() == Approx(0.025));
}
