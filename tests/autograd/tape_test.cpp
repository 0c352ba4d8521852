#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max(abs(a - b)).item();
}
}  // namespace

TEST_CASE("GradientTape differentiates what it watches, once unless it is persistent", "[tape]") {
    const Tensor x = tensor<double>({1, 2, 3}), other = ones({2}, f64);
    GradientTape tape;
    tape.watch(x);
    const Tensor y = x * x;
    CHECK(apart(tape.gradient(y, x), 2 * x.detach()) == 0);
    CHECK_THROWS_WITH(tape.gradient(y, x),
                      "GradientTape: expected one call unless persistent, got another, of gradient");
    GradientTape again({.persistent = true});
    const Tensor z = x * x * x;
    CHECK(apart(again.gradient(z, x), 3 * x.detach() * x.detach()) < 1e-14);
    CHECK(!again.gradient(z, other).defined());
    CHECK(apart(again.gradient(z, other, Unused::zeros), zeros({2}, f64)) == 0);
    CHECK_THROWS_WITH(again.gradient(z, other, Unused::error),
                      "GradientTape: expected watched tensors, got x number 0 that is not");
    CHECK(apart(again.jacobian(z, x), diag(3 * x.detach() * x.detach())) < 1e-14);
    {
        const auto paused = again.stop_recording();
        CHECK(!(x * 2).requires_grad());
    }
    CHECK((x * 2).requires_grad());
}
TEST_CASE("GradientTapes nest: the outer one differentiates the inner one's gradient", "[tape]") {
    const Tensor x = tensor<double>({1, 2, 3});
    GradientTape outer;
    outer.watch(x);
    Tensor slope;
    {
        GradientTape inner;
        slope = inner.gradient(x * x * x, x);
    }
    CHECK(apart(outer.gradient(slope, x), 6 * x.detach()) < 1e-14);
}
TEST_CASE("batch_jacobian is the Jacobian of each example", "[tape]") {
    const Tensor x = reshape(sin(arange(12).to(f64)), {4, 3}), w = reshape(cos(arange(6).to(f64)), {3, 2});
    GradientTape tape({.persistent = true});
    tape.watch(x);
    const Tensor y = tanh(matmul(x, w)), each = tape.batch_jacobian(y, x);
    CHECK(each.shape() == Shape({4, 2, 3}));
    for (std::int64_t i = 0; i < 4; ++i)
        CHECK(apart(each[i], jacobian([&](const Tensor& u) { return tanh(matmul(u, w)); }, x.detach()[i])) < 1e-14);
    CHECK_THROWS_WITH(tape.batch_jacobian(sum(y), x),
                      "GradientTape: expected y (batch, ...) and x (batch, ...), got () and (4, 3)");
}
