#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
Tensor numbers(const Shape& shape) { return reshape(sin(arange(shape.numel()).to(f64) + 0.5), shape); }
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max(abs(a - b)).item();
}
}  // namespace

TEST_CASE("vmap maps any axis, or none, of several inputs to any axis of the outputs", "[vmap]") {
    const Tensor a = numbers({3, 4, 5}), w = numbers({5, 2});
    const auto f = [](const Tensor& x, const Tensor& weights) {
        REQUIRE(x.shape() == Shape({3, 5}));
        return matmul(x, weights);
    };
    const Tensor y = vmap(f, {a, w}, {.in_axes = {1, none}, .out_axis = 1});
    CHECK(apart(y, matmul(a, w)) < 1e-15);
    const auto two = [](const Tensor& x) { return Tensors{sum(x), x[0]}; };
    const Tensors both = vmap(two, a);
    CHECK(apart(both[0], sum(a, {1, 2})) < 1e-14);
    CHECK(apart(both[1], a(all, 0)) == 0);
    const Tensor outer_product =
        vmap([&](const Tensor& u) { return vmap([&](const Tensor& v) { return u * v; }, numbers({3})); }, numbers({2}));
    CHECK(apart(outer_product, outer(numbers({2}), numbers({3}))) == 0);
    const Tensors rows{numbers({4, 3}), numbers({4, 3}) + 1};
    CHECK(apart(vmap([](const Tensors& in) { return sum(in[0] * in[1]); }, rows), sum(rows[0] * rows[1], 1)) < 1e-15);
    const Tensor same = vmap([](const Tensor&) { return ones({2}, f64); }, a);
    CHECK(apart(same, ones({3, 2}, f64)) == 0);
}

TEST_CASE("gradients inside a vmap are each example's own", "[vmap]") {
    const Tensor x = numbers({6, 3}), labels = tensor<std::int64_t>({0, 1, 2, 3, 0, 1});
    Sequential net{Dense(5, tanh), Dense(4)};
    net(x);
    net.to(f64);
    const Tensor w = net.named_parameters()[2].second.detach();
    const auto loss = [&](const Tensor& kernel, const Tensor& one, const Tensor& label) {
        return sum(sparse_cross_entropy(matmul(tanh(one), kernel(Slice(0, 3))), label));
    };
    const auto slope = [&](const Tensor& kernel, const Tensor& one, const Tensor& label) {
        return value_and_grad([&](const Tensor& k) { return loss(k, one, label); }, kernel).gradient;
    };
    const Tensor each = vmap(slope, {w, x, labels}, {.in_axes = {none, 0, 0}});
    for (std::int64_t i = 0; i < 6; ++i) CHECK(apart(each[i], slope(w, x[i], labels(i))) < 1e-15);
    CHECK(apart(sum(each, 0), value_and_grad(
                                  [&](const Tensor& k) {
                                      return sum(vmap(loss, {k, x, labels}, {.in_axes = {none, 0, 0}}));
                                  },
                                  w)
                                  .gradient) < 1e-14);
    const Tensor curved =
        vmap([](const Tensor& u) { return hessian([](const Tensor& v) { return sum(exp(v) * v); }, u); }, x);
    for (std::int64_t i = 0; i < 6; ++i) CHECK(apart(curved[i], diag((2 + x[i]) * exp(x[i]))) < 1e-14);
}

TEST_CASE("vmap loops where an operation needs values, and gives the same", "[vmap]") {
    const Tensor x = numbers({4, 3});
    const auto by_value = [](const Tensor& u) { return u[0].item() > 0 ? exp(u) : -u; };
    const Tensor y = vmap(by_value, x);
    for (std::int64_t i = 0; i < 4; ++i) CHECK(apart(y[i], by_value(x[i])) == 0);
    const Tensor leaf = x.copy().require_grad();
    const Tensor w = numbers({3}).require_grad();  // closed over: its gradient is asked for inside
    const Tensor g = vmap([&](const Tensor& u) { return grad(sum(u * w * w), w); }, leaf.detach());
    CHECK(apart(g, 2 * x * w.detach()) < 1e-15);
}

TEST_CASE("vmap refuses what has no examples", "[vmap]") {
    const auto what = [](auto f) {
        try {
            f();
        } catch (const std::exception& e) { return std::string(e.what()); }
        return std::string();
    };
    const auto add = [](const Tensor& a, const Tensor& b) { return a + b; };
    CHECK(what([&] {
              vmap(add, {ones({2}), ones({3})});
          }) == "vmap: expected as many examples in every input, got 2 and 3");
    CHECK(what([&] {
              vmap(add, {ones({2}), ones({2})}, {.in_axes = {none, none}});
          }) == "vmap: expected an axis of examples in at least one input, got none");
    CHECK(what([&] {
              vmap(add, {ones({2}), ones({2})}, {.in_axes = {0}});
          }) == "vmap: expected an axis or none for each of 2 inputs, got 1");
    Tensor escaped;
    vmap([&](const Tensor& u) { return escaped = u; }, ones({2}));
    CHECK(what([&] { escaped + 1; }) ==
          "vmap: expected tensors of a vmap that is running, got one of shape () that outlived its");
}
