#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Residual : Module {
    Dense& first = child("first", Dense(64, relu));
    Dense& second = child("second", Dense(64));
    Tensor scale = parameter("scale", ones({64}));
    Tensor forward(const Tensor& x) override { return x + scale * second(first(x)); }
};
std::vector<std::string> names(const Module& m) {
    std::vector<std::string> all;
    for (auto& [name, value] : m.named_parameters()) all.push_back(name);
    return all;
}
double difference(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }
}  // namespace

TEST_CASE("parameters are named by their path", "[nn]") {
    Sequential net{Dense(64), Residual(), relu, {"out", Dense(1)}};
    net(randn({2, 5}));
    CHECK(names(net) == std::vector<std::string>{"0.kernel", "0.bias", "1.scale", "1.first.kernel", "1.first.bias",
                                                 "1.second.kernel", "1.second.bias", "out.kernel", "out.bias"});
    CHECK(net.count_parameters() == 5 * 64 + 64 + 64 + 2 * (64 * 64 + 64) + 65);
    Sequential with_input{Input({4}), Dense(3)};
    CHECK(names(with_input) == std::vector<std::string>{"0.kernel", "0.bias"});
    Sequential nested{Sequential{Dense(2), Dense(3)}};
    nested(randn({1, 4}));
    CHECK(names(nested)[0] == "0.kernel");
}

TEST_CASE("errors name the layer that refused", "[nn]") {
    Sequential net{Dense(64), Residual()};
    net(randn({2, 5}));
    CHECK_THROWS_WITH(net(randn({2, 6})), "0 (Dense): expected last axis 5, got input (2, 6)");
    Sequential fresh{Dense(3), Residual()};
    CHECK_THROWS_WITH(fresh(randn({2, 5})), ContainsSubstring("1 (Residual): "));
    CHECK_THROWS_WITH((Sequential{{"a", Dense(1)}, {"a", Dense(1)}}),
                      "Sequential: expected children of different names, got a twice");
    CHECK_THROWS_WITH(Dense(0), "Dense: expected units > 0, got 0");
    CHECK_THROWS_WITH(Dense(3, "reul"), "activation: expected a known function, got \"reul\"");
    CHECK_THROWS_WITH(Dropout(1.5), "Dropout: expected 0 <= rate <= 1, got 1.5");
    CHECK_THROWS_WITH(Dense(3)(randn({4})), "Dense: expected input (batch, ..., features), got (4,)");
}

TEST_CASE("freezing takes parameters out of training and back", "[nn]") {
    Sequential net{Dense(4), Dense(2)};
    net(randn({1, 3}));
    CHECK(net.parameters().size() == 4);
    net.children()[0].module->freeze();
    CHECK(net.parameters().size() == 2);
    net.children()[0].module->freeze(false);
    CHECK(net.parameters().size() == 4);
}

TEST_CASE("a clone has new weights with the same values, shared ones stay shared", "[nn]") {
    auto tied = share(Dense(4, tanh));
    Sequential net{tied, relu, tied, Dropout(0.5), Reshape({2, 2}), Flatten()};
    const Tensor x = randn({3, 4}), y = net(x);
    CHECK(net.parameters().size() == 2);
    const auto copy = net.clone();
    CHECK(difference((*copy)(x), y) == 0);
    net.parameters()[0].detach().assign(zeros({4, 4}));
    CHECK(difference((*copy)(x), y) == 0);
    CHECK_THROWS_WITH(Residual().clone(),
                      "Residual: expected describe() to be overridden, as copying and saving need it");
}

TEST_CASE("a clone that is not built yet keeps its initializers", "[nn]") {
    Sequential net{Dense(3, {.kernel_initializer = Constant({.value = 2}), .bias_initializer = HeNormal({.seed = 4})})};
    const auto copy = net.clone();
    const Tensor x = ones({1, 5});
    CHECK(difference((*copy)(x), net(x)) == 0);
    CHECK((*copy)(x)(0, 0).item() != 0);
    struct Mine : Initializer {
        Tensor operator()(const Shape& shape, DType dtype) const override { return ones(shape, dtype); }
    };
    Sequential other{Dense(3, {.kernel_initializer = Mine()})};
    CHECK_THROWS_WITH(other.clone(), ContainsSubstring("describe: expected a registered class with settings, got "));
}

TEST_CASE("forward hooks see what goes in and out, change it, and end with their handles", "[nn]") {
    Sequential net{Dense(2, relu), {"out", Dense(1)}};
    const Tensor x = ones({3, 4}), plain = net(x);
    std::vector<std::string> seen;
    Module& first = *net.children()[0].module;
    {
        const Hook watch = first.on_forward([&](const Module& m, const Tensors& in, const Tensor& out) {
            seen.push_back(fmt::format("{} {} {}", m.type(), in[0].shape(), out.shape()));
            return Tensor();
        });
        const Hook silence = first.on_forward([](const Module&, const Tensors&, const Tensor& out) { return out * 0; });
        CHECK(array_equal(net(x), net.children()[1].module->operator()(zeros({3, 2}))));
    }
    CHECK(seen == std::vector<std::string>{"Dense (3, 4) (3, 2)"});
    CHECK(array_equal(net(x), plain));
}
TEST_CASE("to(f64) keeps the handles", "[nn]") {
    Sequential net{Dense(2)};
    net(randn({1, 3}));
    const Tensor kernel = net.parameters()[0];
    net.to(f64);
    CHECK(kernel.dtype() == f64);
    CHECK(net(randn({1, 3}, f64)).dtype() == f64);
}

TEST_CASE("dropout acts in training only, and its mask comes back in the backward pass", "[nn]") {
    Dropout drop(0.25);
    const Tensor x = ones({100, 100}).require_grad();
    CHECK(difference(drop(x), x) == 0);
    Training mode;
    const Tensor y = drop(x), dx = grad(sum(y), x);
    CHECK(difference(y, dx) == 0);
    const double kept = mean(y != 0).item();
    CHECK(kept == Approx(0.75).margin(0.02));
    CHECK(max(y).item() == Approx(1 / 0.75));
    CHECK(max(abs(Dropout(1)(x))).item() == 0);
}

TEST_CASE("losses refuse shapes that would broadcast by surprise", "[nn]") {
    CHECK_THROWS_WITH(MeanSquaredError()(zeros({8, 2}), zeros({8})),
                      "MeanSquaredError: expected y_true and y_pred of one shape, got (8, 2) and (8,)");
    CHECK_THROWS_WITH(quadratic_cost(zeros({8}), zeros({8, 1})),
                      "quadratic_cost: expected y_true and y_pred of one shape, got (8,) and (8, 1)");
    CHECK(quadratic_cost(tensor({{1, 0}, {0, 1}}), tensor({{0, 0}, {0, 3}})).item() == Approx(0.5 * (1 + 4) / 2));
    CHECK_THROWS_WITH(SparseCategoricalCrossentropy()(tensor<std::int64_t>({0, 3}), full({2, 3}, 0.3)),
                      "sparse_cross_entropy: expected labels in [0, 3), got 3 in row 1");
    CHECK_THROWS_WITH(BinaryCrossentropy({.label_smoothing = 2}),
                      "BinaryCrossentropy: expected 0 <= label_smoothing <= 1, got 2");
}

TEST_CASE("activation layers keep their settings", "[nn]") {
    const Tensor x = tensor({{-2, 0, 1, 5}});
    const auto check = [&](Sequential net, const Tensor& want) {
        CHECK(difference(net(x), want) < 1e-6);
        CHECK(difference((*net.clone())(x), want) < 1e-6);
    };
    check({ReLU()}, tensor({{0, 0, 1, 5}}));
    check({ReLU({.negative_slope = 0.5, .max_value = 3, .threshold = 2})}, tensor({{-2, -1, -0.5, 3}}));
    check({LeakyReLU()}, tensor({{-0.6, 0, 1, 5}}));
    check({ELU({.alpha = 2})}, tensor({{2 * std::expm1(-2), 0.0, 1.0, 5.0}}));
    check({Identity()}, x);
    const double total = std::exp(-2) + 1 + std::exp(1) + std::exp(5);
    check({Softmax()}, tensor({{std::exp(-2) / total, 1 / total, std::exp(1) / total, std::exp(5) / total}}));
    check({Softmax({.axis = {0}})}, ones({1, 4}));
    check({Softmax({.axis = {0, 1}})}, softmax(x));
    CHECK(difference(Softmax()(x, tensor<bool>({{true, true, false, false}})),
                     tensor({{1 / (1 + std::exp(2)), 1 / (1 + std::exp(-2)), 0.0, 0.0}})) < 1e-6);
    CHECK(difference(Softmax()(x, x < -9), zeros({1, 4})) == 0);
    CHECK_THROWS_WITH(ReLU({.max_value = -1}),
                      "ReLU: expected max_value, negative_slope and threshold >= 0, got -1, 0 and 0");
    CHECK_THROWS_WITH(LeakyReLU({.negative_slope = -1}), "LeakyReLU: expected negative_slope >= 0, got -1");
    CHECK_THROWS_WITH(Softmax()(x, x), "expected x and a mask of dtype bool, got 2 inputs, the second of float32");
}

TEST_CASE("sample weights go with the last axes as in Keras, in fit with the rows", "[nn]") {
    const Tensor y = zeros({2, 2, 1}), p = tensor({{1, 2}, {3, 4}});
    const MeanAbsoluteError loss({.reduction = "sum"});
    const auto predicted = [&](const Tensor& mask = {}) {
        const Tensor y_pred = reshape(p, {2, 2, 1});
        if (mask.defined()) y_pred.set_mask(mask);
        return y_pred;
    };
    const auto weighed = [&](const Tensor& weight, const Tensor& mask = {}) {
        return loss(y, predicted(mask), weight).item();
    };
    const Tensor mask = tensor<bool>({{true, false}, {true, true}});
    CHECK(weighed(tensor({1, 10})) == 1 + 20 + 3 + 40);
    CHECK(weighed(tensor({{1}, {10}})) == 1 + 2 + 30 + 40);
    CHECK(weighed(tensor({{1, 10}, {100, 1000}})) == 1 + 20 + 300 + 4000);
    CHECK(weighed(tensor({1, 10}), mask) == 1 + 3 + 40);
    // As many steps as examples: the weights of rows still go with the rows.
    CHECK(loss.of_rows(y, predicted(), tensor({1, 10})).item() == 1 + 2 + 30 + 40);
    CHECK(loss.of_rows(y, predicted(mask), tensor({1, 10})).item() == 1 + 30 + 40);
    CHECK(loss.of_rows(y, predicted(), tensor({{1, 10}, {100, 1000}})).item() == 1 + 20 + 300 + 4000);
    CHECK(loss.of_rows(y, predicted(), {}).item() == 10);
    // Three steps of two examples: what fits no last axis goes with the first.
    CHECK(loss(zeros({2, 3, 1}), ones({2, 3, 1}), tensor({1, 10})).item() == 3 + 30);
    CHECK_THROWS_WITH(weighed(tensor({1, 2, 3})), "loss: expected one sample_weight an example (2, 2), got (3,)");
    const Box<Loss> of_the_batch = quadratic_cost;
    CHECK((*of_the_batch)(y, y + 1, tensor({1, 10})).item() == Approx((*of_the_batch)(y, y + 1).item() * 5.5));
}

TEST_CASE("get_layer finds a layer by its path or its position", "[nn]") {
    Sequential net{Dense(3), Sequential{Dense(4), Dropout(0.5)}};
    CHECK(&net.get_layer("1.0") == &net.get_layer(1).get_layer(0));
    CHECK(net.get_layer(1).get_layer("1").type() == "Dropout");
    CHECK_THROWS_WITH(net.get_layer("head"), "get_layer: expected the name of a layer, one of 0, 1, got \"head\"");
    CHECK_THROWS_WITH(net.get_layer(2), "get_layer: expected an index below 2, got 2");
    CHECK_THROWS_WITH(net.get_layer(0).get_layer("0"),
                      "get_layer: expected the name of a layer, of which there is none, got \"0\"");
}
