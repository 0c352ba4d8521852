#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
Tensor point(std::int64_t n) { return sin(arange(n).to(f64) + 0.5); }
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(abs(a - b)).item() : 0;
}
Tensor cube(const Tensor& x) { return sum(x * x * x); }
template <class E, class F> std::string what(const F& f) {
    try {
        f();
    } catch (const E& e) { return e.what(); }
    return "nothing thrown";
}
}  // namespace

TEST_CASE("transforms give the closed forms", "[transforms]") {
    const Tensor x = point(4), v = cos(x);
    CHECK(apart(value_and_grad(cube, x).gradient, 3 * x * x) < 1e-15);
    CHECK(apart(hessian(cube, x), 6 * diag(x)) < 1e-14);
    CHECK(apart(hvp(cube, x, v), 6 * x * v) < 1e-14);
    CHECK(apart(jacobian(tanh, x), diag(1 - tanh(x) * tanh(x))) < 1e-15);
    const auto [y, tangent] = jvp(tanh, x, v);
    CHECK(apart(tangent, (1 - tanh(x) * tanh(x)) * v) < 1e-15);
    CHECK(!tangent.requires_grad());
    const auto [value, pullback] = vjp(tanh, x);
    CHECK(apart(pullback(v), (1 - tanh(x) * tanh(x)) * v) < 1e-15);
    // Wide and tall: in reverse and forward.
    const Tensor m = reshape(point(15), {3, 5});
    CHECK(apart(jacobian([&](const Tensor& u) { return matmul(m, u); }, point(5)), m) < 1e-15);
    CHECK(apart(jacobian([&](const Tensor& u) { return matmul(transpose(m), u); }, point(3)), transpose(m)) < 1e-15);
    CHECK(jacobian(
              [](const Tensor& u) {
                  return zeros({2, 3}, f64) + 0 * sum(u);
              },
              point(4))
              .shape() == Shape({2, 3, 4}));
    CHECK(apart(jacobian([](const Tensor& u) { return u.detach(); }, x), zeros({4, 4}, f64)) == 0);
}

TEST_CASE("transforms stand in one another, to any order", "[transforms]") {
    const Tensor x = point(3);
    const Function slope = [](const Tensor& u) { return value_and_grad(cube, u).gradient; };
    CHECK(apart(jacobian(slope, x), 6 * diag(x)) < 1e-14);
    const Function bend = [&](const Tensor& u) { return sum(hvp(cube, u, ones_like(u))); };
    CHECK(apart(value_and_grad(bend, x).gradient, 6 * ones_like(x)) < 1e-14);
    // d/dx of d/dv of jvp, forward over forward, reverse over forward.
    const Function forward = [](const Tensor& u) { return jvp(exp, u, u).tangent; };  // u e^u
    CHECK(apart(jvp(forward, x, ones_like(x)).tangent, (1 + x) * exp(x)) < 1e-14);
    CHECK(apart(value_and_grad([&](const Tensor& u) { return sum(forward(u)); }, x).gradient, (1 + x) * exp(x)) <
          1e-14);
    CHECK(apart(hessian([&](const Tensor& u) { return sum(value_and_grad(cube, u).gradient * u); }, x), 18 * diag(x)) <
          1e-13);
    // Fourth derivative of x^5 by nesting four times.
    std::function<Tensor(const Tensor&)> f = [](const Tensor& u) { return sum(pow(u, 5)); };
    for (int order = 1; order <= 4; ++order) {
        const auto inner = f;
        f = [inner](const Tensor& u) { return sum(value_and_grad(inner, u).gradient); };
    }
    CHECK(f(x).item() == Approx(sum(120 * x).item()));
    // A gradient penalty: what is closed over is differentiated too.
    const Tensor w = tensor<double>({2, -1, 0.5}).require_grad();
    const Tensor g = value_and_grad([&](const Tensor& u) { return sum(w * u * u); }, x).gradient;
    sum(g * g).backward();
    CHECK(apart(w.grad(), 8 * w.detach() * x * x) < 1e-14);
}

TEST_CASE("hooks see gradients, change them, and end with their handles", "[transforms]") {
    const Tensor x = tensor<double>({1, 2}).require_grad(), y = x * x;
    std::vector<double> seen;
    {
        const Hook on_leaf = on_gradient(x, [&](const Tensor& dy) {
            seen.push_back(dy(1).item());
            return Tensor();
        });
        const Hook on_step = on_gradient(y, [](const Tensor& dy) { return dy * 10; });
        sum(y + y).backward();
        CHECK(seen == std::vector<double>{80});
        CHECK(x.grad()(1).item() == 80);
        CHECK(grad(sum(x * x), x)(1).item() == 4);
        CHECK(seen.size() == 2);
    }
    x.zero_grad();
    sum(x * x).backward();
    CHECK(x.grad()(0).item() == 2);
    CHECK(seen.size() == 2);
    Hook once;  // removes itself
    once = on_gradient(x, [&](const Tensor&) {
        once.remove();
        return Tensor();
    });
    sum(x * x).backward();
    sum(x * x).backward();
    const Hook bad = on_gradient(x, [](const Tensor&) { return zeros({3}, f64); });
    CHECK(what<ShapeError>([&] { sum(x).backward(); }) == "on_gradient: expected a gradient of shape (2,), got (3,)");
    CHECK(what<std::logic_error>([] { (void)on_gradient(ones({2}), [](const Tensor& dy) { return dy; }); }) ==
          "on_gradient: expected a tensor that requires a gradient, got one of shape (2,) that does not");
}

TEST_CASE("several outputs share one rule", "[transforms]") {
    const auto polar = [](const Tensor& r, const Tensor& angle) {
        return record(
            "polar",
            [&] {
                return Tensors{r * cos(angle), r * sin(angle)};
            },
            {r, angle},
            [r, angle](const Tensors& dy) {
                return Tensors{dy[0] * cos(angle) + dy[1] * sin(angle), r * (dy[1] * cos(angle) - dy[0] * sin(angle))};
            });
    };
    const auto both = [&](const Tensor& r, const Tensor& angle) {
        const Tensors xy = polar(r, angle);
        return xy[0] * xy[0] * xy[1];
    };
    const auto second_only = [&](const Tensor& r, const Tensor& angle) { return polar(r, angle)[1] * r; };
    CHECK(to_string(gradcheck(both, {abs(point(3)) + 1, point(3)}, {.order = 2})).starts_with("gradients agree"));
    CHECK(to_string(gradcheck(second_only, {abs(point(3)), point(3)}, {.order = 2})).starts_with("gradients agree"));
    const Tensor r = ones({2}, f64).require_grad();
    const Tensors ys = record(
        "bad",
        [&] {
            return Tensors{r, r};
        },
        {r}, [](const Tensors&) { return Tensors(); });
    CHECK(what<ShapeError>([&] { sum(ys[0]).backward(); }) ==
          "backward of bad: expected 1 gradients from the rule, got 0");
    CHECK(!r.grad().defined());
}

TEST_CASE("custom_gradient puts another gradient in the place of a function's own", "[transforms]") {
    const auto straight_through =
        custom_gradient([](const Tensor& x) { return round(x); }, [](const Tensor& dy, const Tensor&) { return dy; });
    const Tensor x = tensor<double>({0.4, 1.6}).require_grad();
    sum(straight_through(x) * x).backward();
    CHECK(apart(x.grad(), round(x.detach()) + x.detach()) == 0);
    const auto product = custom_gradient([](const Tensor& a, const Tensor& b) { return a * b; },
                                         [](const Tensor& dy, const Tensor& a, const Tensor& b) {
                                             return Tensors{dy * b, dy * a};
                                         });
    CHECK(gradcheck(product, {point(3), point(3) * 2}, {.order = 2}).ok);
}

TEST_CASE("checkpoint draws the same random numbers again, nests, and goes to the second order", "[transforms]") {
    const Tensor x = abs(point(40)) + 1;
    const auto noisy = [](const Tensor& u) { return dropout(exp(u), 0.5, next_key()); };
    const auto inner = [&](const Tensor& u) { return tanh(noisy(u)) + noisy(u); };
    const auto plain = [&](const Tensor& u) { return sum(inner(u) * u); };
    const auto saved = [&](const Tensor& u) {
        return checkpoint([&](const Tensor& v) { return sum(checkpoint(inner, v) * v); }, u);
    };
    set_seed(3);
    const auto expected = value_and_grad(plain, x);
    set_seed(3);
    const auto got = value_and_grad(saved, x);
    CHECK(apart(got.value, expected.value) == 0);
    CHECK(apart(got.gradient, expected.gradient) < 1e-14);
    const RandomKey after = random_state();
    CHECK(after.stream == 2);  // the second forward drew nothing new
    CHECK(gradcheck(saved, x, {.order = 2}).ok);
    // Dropout as a layer, in training, whose backward runs after the mode has ended.
    Dropout layer({.rate = 0.5, .seed = 5});
    const Tensor leaf = x.copy().require_grad();
    Tensor y;
    {
        Training mode;
        y = checkpoint([&](const Tensor& u) { return layer(u); }, leaf);
    }
    sum(y).backward();
    CHECK(apart(leaf.grad(), where(y.detach() == 0, 0, 2 * ones_like(x))) == 0);
}

TEST_CASE("what no gradient reaches is an error, undefined or zeros", "[transforms]") {
    const Tensor a = ones({2}, f64).require_grad(), b = ones({3}, f64).require_grad();
    CHECK(what<std::logic_error>([&] {
              grad(sum(a), {a, b});
          }) == "grad: expected y to depend on every x, got no path to x number 1");
    CHECK(!grad(sum(a), b, {.unused = Unused::undefined}).defined());
    CHECK(apart(grad(sum(a), b, {.unused = Unused::zeros}), zeros({3}, f64)) == 0);
}
