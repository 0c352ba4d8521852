#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
std::vector<std::string> names(const Module& m) {
    std::vector<std::string> all;
    for (auto& [name, value] : m.named_parameters()) all.push_back(name);
    return all;
}
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max(abs(a - b)).item();
}
/// A custom layer that says nothing about its settings.
struct Doubled : Module {
    Tensor forward(const Tensor& x) override { return 2 * x; }
};
struct TwoWays : Module {
    Tensors forward_all(const Tensors& xs) override { return {xs[0] + 1, sum(xs[0], -1, {.keepdims = true})}; }
};
}  // namespace

TEST_CASE("a graph of layers computes what its calls say", "[functional]") {
    Input x({4});
    Dense dense(4, tanh);
    const Symbol h = dense(x);
    const Symbol y = relu(x + h) * 0.5 - h / 4.0 + (1.0 - exp(-h)) + maximum(h, x);
    CHECK(h.shape() == Shape{-1, 4});
    CHECK(h.dtype() == f32);
    Functional net(x, y);
    const Tensor v = randn({3, 4}), d = dense(v);
    CHECK(apart(net(v), relu(v + d) * 0.5 - d * 0.25 + (1 - exp(-d)) + maximum(d, v)) < 1e-6);
    CHECK(names(net) == std::vector<std::string>{"dense.kernel", "dense.bias"});
    CHECK(net.output_shape() == Shape{3, 4});
}

TEST_CASE("layers are called in three forms: as a variable, as a temporary of the library, behind a bar",
          "[functional]") {
    Input x({5});
    auto shared = share(Dense(5, relu));
    const Symbol a = x | shared | shared | Layer{"last", Dense(2)};
    Functional tied(x, a);
    CHECK(names(tied) == std::vector<std::string>{"dense.kernel", "dense.bias", "last.kernel", "last.bias"});

    const Symbol b = Dense(3)(x);
    const Symbol c = Concatenate()({b, (*shared)(x)});
    const Symbol d = c | [](const Tensor& v) { return v * v; } | Doubled();
    Functional net(x, d);
    CHECK(net(ones({2, 5})).shape() == Shape{2, 8});
    CHECK(net.children().size() == 6);
    // The same Input variable is the same input.
    CHECK(Functional(x, x | Dense(1))(ones({2, 5})).shape() == Shape{2, 1});
    CHECK_THROWS_WITH(Doubled()(x),
                      "Doubled: expected a layer of the library, or a variable, to be called on a symbol, "
                      "got a temporary; write x | Doubled(...)");
    Doubled named;
    CHECK(apart(Functional(x, named(x))(ones({2, 5})), full({2, 5}, 2)) == 0);
}

TEST_CASE("a shape that does not fit is an error where the layer is called", "[functional]") {
    Input x({4}), z({3, 2});
    CHECK_THROWS_WITH(x + z, "Add: expected inputs of one batch size that broadcast, got (1, 4) and (1, 3, 2)");
    CHECK_THROWS_WITH(x | Dense(3) | Reshape({5}), ContainsSubstring("Reshape: reshape: expected"));
    CHECK_THROWS_WITH(
        Functional(x, x + (Input({4}) | Dense(4))),
        "Functional: expected what the outputs depend on among the inputs, got an Input (-1, 4) that is not");
    CHECK_THROWS_WITH(Functional({}, x), "Functional: expected at least one input and one output, got 0 and 1");
    CHECK_THROWS_WITH(Functional({x, x}, x), "Functional: expected different inputs, got one twice");
    const Symbol y = x | Dense(1);
    CHECK_THROWS_WITH(Functional(x, {y, y}),
                      "Functional: expected outputs of different names, got dense twice; name them: "
                      "{{\"a\", x}, {\"b\", y}}");
    Functional two(x, {{"a", y}, {"b", y}});
    CHECK_THROWS_WITH(two(ones({1, 4})), "Functional: expected outputs(xs) to be called for 2 outputs");
    Functional net(x, y);
    CHECK_THROWS_WITH(net(ones({1, 4}), ones({1, 4})), ContainsSubstring("expected 1 inputs, got 2"));
    CHECK_THROWS_WITH(net(ones({1, 3})), ContainsSubstring("expected (batch, ...) with each example (4,), got (1, 3)"));
}

TEST_CASE("inputs and outputs may be several, in the middle of a graph, and of any length", "[functional]") {
    Input a({3}), b({3});
    const Symbol h = a | Dense(2), y = h | Dense(1);
    Functional both({a, b}, {{"y", y}, {"sum", a + b}});
    const Tensor v = randn({4, 3}), w = randn({4, 3});
    const Tensors out = both.outputs({v, w});
    CHECK(apart(out[1], v + w) == 0);
    CHECK(both.output_names() == std::vector<std::string>{"y", "sum"});
    // From the middle on: the same layer, the same weights.
    Functional tail(h, y);
    Functional head(a, h);
    CHECK(apart(tail(head(v)), out[0]) < 1e-6);
    const Symbols two = outputs_of(TwoWays(), {a});
    Functional ways(a, {{"more", two[0]}, {"total", two[1]}});
    CHECK(apart(ways.outputs({v})[1], sum(v, -1, {.keepdims = true})) == 0);
    Input any({-1, 3});
    CHECK(Functional(any, any | Dense(2))(randn({2, 7, 3})).shape() == Shape{2, 7, 2});
}

TEST_CASE("a graph is cloned with what it shares, and what is frozen stays frozen", "[functional]") {
    Input x({4});
    auto tower = share(Sequential{Dense(4, relu), Dense(4)});
    Functional net(x, (x | tower | tower) - x);
    tower->children()[0].module->freeze();
    const auto copy = net.clone();
    const Tensor v = randn({3, 4});
    CHECK(apart((*copy)(v), net(v)) == 0);
    CHECK(names(*copy) == names(net));
    CHECK(copy->parameters().size() == 2);
    CHECK(net.parameters().size() == 2);
    CHECK_THROWS_WITH(
        Functional(
            x, x | [](const Tensor& t) { return t; })
            .clone(),
        "describe: expected a function that has a name, got a lambda; register_function(name, f) gives it one");
}

TEST_CASE("masks travel through a graph", "[functional]") {
    Input x({3, 2});
    Functional net(x, (x | Dense(2)) + x);
    const Tensor v = randn({1, 3, 2}), mask = tensor<bool>({{true, true, false}});
    CHECK(!net(v).mask().defined());
    v.set_mask(mask);
    CHECK(array_equal(net(v).mask(), mask));
    Functional turned(x, x | Permute({2, 1}));
    CHECK(!turned(v).mask().defined());
    const Tensor unmasked = randn({1, 3, 2});
    CHECK(!Add()(v, unmasked).mask().defined());
    const Tensor product = Multiply()(v, unmasked);
    CHECK(apart(product[0][2], unmasked[0][2]) == 0);  // the masked step counts as one
    CHECK(array_equal(Concatenate()(v, unmasked).mask(), tensor<bool>({{true, true, true}})));
    CHECK(array_equal(Concatenate(1)(v, unmasked).mask(), tensor<bool>({{true, true, false, true, true, true}})));
}

TEST_CASE("merging layers say what does not fit", "[nn]") {
    const Tensor a = ones({2, 3}), b = ones({2, 4}), c = ones({3, 3});
    CHECK_THROWS_WITH(Add()(a, b), "Add: expected inputs of one batch size that broadcast, got (2, 3) and (2, 4)");
    CHECK_THROWS_WITH(Add()(a, c), "Add: expected inputs of one batch size that broadcast, got (2, 3) and (3, 3)");
    CHECK_THROWS_WITH(Add()(a), "Add: expected several inputs, got 1");
    CHECK_THROWS_WITH(Subtract()(a, a, a), "Subtract: expected 2 inputs, got 3");
    CHECK_THROWS_WITH(Concatenate(0)(a, b),
                      "Concatenate: expected inputs that differ along axis 0 at most, got (2, 3) and (2, 4)");
    CHECK_THROWS_WITH(Dot(1)(a, b),
                      "Dot: expected one batch size and one extent along the axes 1 and 1, which are not 0, "
                      "got (2, 3) and (2, 4)");
    CHECK_THROWS_WITH(Dot(0)(a, a), ContainsSubstring("which are not 0"));
    CHECK_THROWS_WITH(Dot({.axes = {1, 2, 3}}), "Dot: expected one axis or one of each input, got 3");
    CHECK_THROWS_WITH(Permute({1, 3}), "Permute: expected dims 1 to 2 in some order, got 3 among them");
    CHECK_THROWS_WITH(Permute({2, 1})(a), "Permute: expected 2 axes behind the batch, got input (2, 3)");
    // Ranks that differ: new axes follow the batch, not the first one of all.
    CHECK(apart(Add()(ones({2, 3}), zeros({2, 4, 3})), ones({2, 4, 3})) == 0);
}
