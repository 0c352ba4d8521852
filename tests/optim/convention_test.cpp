#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
Json settings(const char* name) {
    Config config;
    make<Optimizer>(name)->describe(config);
    return config.json();
}
}  // namespace

TEST_CASE("defaults::torch() begins with PyTorch's settings", "[optim]") {
    // The signatures of torch.optim 2.x.
    const std::map<std::string, Json> torch_settings{
        {"SGD", {{"learning_rate", 1e-3}, {"momentum", 0}, {"weight_decay", 0}}},
        {"Adam", {{"learning_rate", 1e-3}, {"epsilon", 1e-8}, {"weight_decay", 0}}},
        {"AdamW", {{"learning_rate", 1e-3}, {"epsilon", 1e-8}, {"weight_decay", 0.01}}},
        {"RMSprop", {{"learning_rate", 0.01}, {"rho", 0.99}, {"epsilon", 1e-8}}},
        {"Adagrad", {{"learning_rate", 0.01}, {"initial_accumulator_value", 0}, {"epsilon", 1e-10}}},
        {"Adadelta", {{"learning_rate", 1.0}, {"rho", 0.9}, {"epsilon", 1e-6}}},
        {"Adamax", {{"learning_rate", 2e-3}, {"epsilon", 1e-8}}},
        {"Nadam", {{"learning_rate", 2e-3}, {"epsilon", 1e-8}, {"momentum_decay", 4e-3}}},
    };
    for (auto& [name, want] : torch_settings) {
        INFO(name);
        const auto keras = settings(name.c_str());
        CHECK(keras.at("convention") == "keras");
        const auto guard = defaults::torch();
        const auto torch = settings(name.c_str());
        CHECK(torch.at("convention") == "torch");
        for (auto& [key, setting] : want.items()) CHECK(torch.at(key).get<double>() == setting.get<double>());
        const auto inner = defaults::keras();
        CHECK(settings(name.c_str()) == keras);
    }
}

TEST_CASE("PyTorch's first weights of a Dense layer lie within 1 / sqrt(inputs)", "[optim]") {
    const auto guard = defaults::torch();
    Dense layer(4000);
    layer(ones({1, 25}));
    for (const Tensor& p : layer.parameters()) {
        CHECK(max(abs(p)).item() <= 0.2);
        CHECK(max(abs(p)).item() > 0.199);
        CHECK(stddev(p).item() == Approx(0.2 / std::sqrt(3.0)).epsilon(0.03));
        CHECK(std::abs(mean(p).item()) < 5 * 0.2 / std::sqrt(3.0 * 4000));
    }
}

TEST_CASE("PyTorch adds weight decay to the gradient, Keras takes it from the weight", "[optim]") {
    const auto after = [](Optimizer&& optimizer) {
        const Tensor w = full({1}, 2.0, f64).require_grad();
        optimizer.minimize(sum(w), {w});
        return w(0).item();
    };
    // Adam's first step is the learning rate whatever the gradient; coupled decay changes the gradient only.
    CHECK(after(Adam({.learning_rate = 0.1, .epsilon = 0, .weight_decay = 0.5})) == Approx(2 - 0.1 * 0.5 * 2 - 0.1));
    const auto guard = defaults::torch();
    CHECK(after(Adam({.learning_rate = 0.1, .epsilon = 0, .weight_decay = 0.5})) == Approx(2 - 0.1));
    CHECK(after(AdamW({.learning_rate = 0.1, .weight_decay = 0.5, .epsilon = 0})) == Approx(2 - 0.1 * 0.5 * 2 - 0.1));
    CHECK(after(SGD({.learning_rate = 0.1, .weight_decay = 0.5})) == Approx(2 - 0.1 * (1 + 0.5 * 2)));
}

TEST_CASE("schedule-free AdamW in the paper's form steps as its algorithm", "[optim]") {
    // Defazio et al. 2024, algorithm 1, by hand: y = (1 - b) z + b x, z -= lr g / (sqrt(v / (1 - b2^t)) + eps),
    // x = (1 - 1/t) x + z / t.
    const double b1 = 0.9, b2 = 0.999, lr = 0.1;
    const Tensor w = full({1}, 0.5, f64).require_grad();
    ScheduleFreeAdamW optimizer({.learning_rate = lr, .epsilon = 0, .convention = Convention::torch});
    double x = 0.5, z = 0.5, v = 0;
    for (int t = 1; t <= 6; ++t) {
        const double g = std::sin(double(t));
        optimizer.minimize(sum(w) * g, {w});
        v = b2 * v + (1 - b2) * g * g;
        z -= lr * g / std::sqrt(v / (1 - std::pow(b2, t)));
        x = (1 - 1.0 / t) * x + z / t;
        CHECK(w(0).item() == Approx((1 - b1) * z + b1 * x));
    }
}
