#pragma once
// The names that snippets in docs/ and README.md use without saying where they come from.
#include <xgrad.h>
#include <xgrad_catch.h>
#include <filesystem>
#include <iostream>
#include "../catch.h"

using namespace xg;

namespace {
/// Snippets are member functions of classes derived from this: a module, so that parameter() and add_loss() are there.
struct Context : Module {
    Tensor x = randn({8, 4}), y = randn({8, 1}), labels = randint({8}, 0, 3), scores = randn({8, 3});
    Tensor w = randn({3, 4}), xs = randn({6, 4}), a = randn({3, 4}), b = randn({3, 4}), v = randn({4}),
           v4 = randn({4, 1});
    Tensor spd = eye(4) + 0.1;
    Tensor images = uniform({2, 8, 8, 3}), sequence = randn({2, 5, 4}), tokens = randint({2, 5}, 0, 10);
    Sequential net{Input({4}), {"hidden", Dense(8, tanh)}, {"head", Dense(1)}};
    Tensor cost = mean(square(net(x) - y));
    Model model = compiled();
    Adam adam;
    SGD sgd;
    /// One example a call, of one length after the other.
    static Stream::Generator rows() {
        return [n = 0]() mutable { return ++n > 4 ? std::nullopt : std::optional(Tensors{ones({n})}); };
    }

private:
    static Model compiled() {
        Model m{Sequential{Input({4}), {"hidden", Dense(8, tanh)}, {"head", Dense(1)}}};
        m.compile({.loss = "mse", .metrics = {"mae"}});
        return m;
    }
};
struct TorchDefaults {
    defaults::Guard torch = defaults::torch();
};
/// The same after `const auto torch = defaults::torch();`.
struct TorchContext : TorchDefaults, Context {};
}  // namespace
