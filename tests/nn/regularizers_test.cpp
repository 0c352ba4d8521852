#include <functional>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("regularizers and constraints refuse settings without a meaning", "[regularizers]") {
    struct Row {
        std::function<void()> make;
        const char* text;
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<Row> rows{
        {[] { L1(-1); }, "L1: expected a finite l1 >= 0, got -1"},
        {[=] { L2{nan}; }, "L2: expected a finite l2 >= 0, got nan"},
        {[] { L1L2({.l2 = -0.5}); }, "L1L2: expected a finite l2 >= 0, got -0.5"},
        {[] { OrthogonalRegularizer({.mode = "both"}); },
         "OrthogonalRegularizer: expected mode rows or columns, got both"},
        {[] { OrthogonalRegularizer()(ones({3})); }, "OrthogonalRegularizer: expected a matrix, got shape (3,)"},
        {[] { MaxNorm(-1); }, "MaxNorm: expected max_value >= 0, got -1"},
        {[] { MinMaxNorm({.min_value = 2}); }, "MinMaxNorm: expected 0 <= min_value <= max_value, got 2 and 1"},
        {[] { MinMaxNorm({.rate = 2}); }, "MinMaxNorm: expected 0 <= rate <= 1, got 2"},
        {[] {
             UnitNorm({.axis = {2}})(ones({3, 2}));
         },
         "sum: expected an axis in [-2, 2), got 2"},
        {[] { Box<Regularizer>("l3"); },
         "regularizer: expected one of L1, L2, L1L2, OrthogonalRegularizer, got \"l3\""},
        {[] { Box<Constraint>("positive"); },
         "constraint: expected one of MaxNorm, NonNeg, UnitNorm, MinMaxNorm, got \"positive\""},
    };
    for (const Row& row : rows) CHECK_THROWS_WITH(row.make(), row.text);
}

TEST_CASE("the penalty sums what regularizers say of parameters and of outputs", "[regularizers]") {
    auto shared = share(Dense(1, {.kernel_initializer = Ones(), .kernel_regularizer = L2(0.5)}));
    Sequential net{
        Input({3}),
        Dense(1, {.kernel_initializer = Ones(), .kernel_regularizer = L1(0.1), .activity_regularizer = L2(0.25)}),
        shared, shared};
    net(full({4, 3}, 2.0));
    // |w|: 3 ones; outputs: 4 rows of 6, squared, over 4; the shared weight once.
    CHECK(net.penalty().item() == Approx(0.1 * 3 + 0.25 * 36 + 0.5));
    net(full({4, 3}, 1.0));
    CHECK(net.penalty().item() == Approx(0.1 * 3 + 0.25 * 9 + 0.5));  // of the last call only
    net.children()[1].module->freeze();
    CHECK(net.penalty().item() == Approx(0.25 * 9 + 0.5));
    CHECK_FALSE(Dense(2).penalty().defined());
}

TEST_CASE("gradients reach through the penalty", "[regularizers]") {
    Sequential net{Input({2}), Dense(1, {.kernel_initializer = Ones(), .kernel_regularizer = "l2"}),
                   ActivityRegularization({.l1 = 0.5})};
    const Tensor kernel = net.parameters()[0];
    net(tensor({{1, 2}, {3, 4}}));
    const Tensor slope = grad(net.penalty(), kernel);
    CHECK(slope(0, 0).item() == Approx(0.02 + 0.5 * (1 + 3) / 2));
    CHECK(slope(1, 0).item() == Approx(0.02 + 0.5 * (2 + 4) / 2));
}

namespace {
struct Sparse : Module {
    Dense& inner = child("inner", Dense(2));
    Tensor forward(const Tensor& x) override {
        const Tensor y = inner(x);
        add_loss(sum(y * y));
        return y;
    }
};
struct Wrong : Module {
    Tensor forward(const Tensor& x) override {
        add_loss(x);
        return x;
    }
};
}  // namespace

TEST_CASE("a layer of one's own adds to the loss", "[regularizers]") {
    Sparse net;
    const Tensor y = net(ones({3, 2}));
    CHECK(net.penalty().item() == Approx(sum(y * y).item()));
    Wrong wrong;
    CHECK_THROWS_WITH(wrong(ones({2, 2})), "Wrong: add_loss: expected a scalar, got shape (2, 2)");
}

TEST_CASE("loss and val_loss contain the penalty", "[regularizers]") {
    Model model{Sequential{Input({2}), Dense(1, {.kernel_initializer = Ones(), .kernel_regularizer = L2(0.5)})}};
    model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = "mse"});
    const Tensor x = tensor({{1, 1}, {2, 0}}), y = full({2, 1}, 2.0);
    const History history = model.fit(x, y, {.epochs = 1, .validation_data = {Tensors{x}, y}, .verbose = 0});
    CHECK(history["loss"].at(0) == Approx(1));
    CHECK(history["val_loss"].at(0) == Approx(1));
    CHECK(model.evaluate(x, y)["loss"] == Approx(1));
}

TEST_CASE("constraints hold after each step, wherever the parameter comes from", "[regularizers]") {
    Sequential net{Input({2}), Dense(2, {.kernel_constraint = NonNeg(), .bias_constraint = MaxNorm(1)})};
    const Tensor kernel = net.parameters()[0], bias = net.parameters()[1];
    SGD sgd({.learning_rate = 10});
    const auto step = [&] { sgd.minimize(sum(kernel) - sum(bias), {kernel, bias}); };
    const auto held = [&] { return all(kernel >= 0).item<bool>() && norm(bias).item() == Approx(1).margin(1e-5); };
    step();
    CHECK(held());
    net.freeze();
    net.freeze(false);  // another gradient accumulator
    step();
    CHECK(held());
    kernel.require_grad(false);
    kernel.require_grad();
    sgd.minimize(sum(kernel) - sum(bias), net.parameters());
    CHECK(held());
    const auto copy = net.clone();
    sgd.minimize(sum(copy->parameters()[0]) - sum(copy->parameters()[1]), copy->parameters());
    CHECK(all(copy->parameters()[0] >= 0).item<bool>());
    CHECK_THROWS_WITH(constrain(ones({2}), nullptr),
                      "constrain: expected a tensor that requires a gradient, got one of shape (2,) that does not");
}
