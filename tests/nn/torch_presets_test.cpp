// What layers begin with under defaults::torch(), as PyTorch documents it, and that Keras' own stays what it was.
#include <cmath>
#include <functional>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Draw {
    const char* name;
    std::function<std::shared_ptr<Module>()> make;  // under the convention in force
    Shape input;
    double kernel, bias;  // PyTorch's: everything lies evenly between plus and minus that
};
template <class M, class... A> std::function<std::shared_ptr<Module>()> making(A... a) {
    return [=] { return std::make_shared<M>(a...); };
}
void check_even(const Tensor& w, double limit) {
    const double n = double(w.numel());
    CHECK(max(abs(w)).item() <= limit);
    CHECK(max(abs(w)).item() > limit * (1 - 20 / n));
    CHECK(var(w).item() == Approx(limit * limit / 3).epsilon(5 * std::sqrt(0.8 / n)));
}
}  // namespace

TEST_CASE("first weights of linear layers and convolutions are PyTorch's", "[layers][torch]") {
    set_seed(1);
    // fan_in: nn.Linear in; nn.ConvNd in / groups * window; nn.ConvTransposeNd out * window.
    const std::vector<Draw> draws{
        {"Dense", making<Dense>(400), {2, 100}, 0.1, 0.1},
        {"Conv1D", making<Conv1D>(400, 5), {1, 9, 20}, 0.1, 0.1},
        {"Conv2D",
         [] { return std::make_shared<Conv2D>(400, 5, ConvLayerOptions{.groups = 2}); },
         {1, 9, 9, 8},
         0.1,
         0.1},
        {"Conv3D", making<Conv3D>(400, 2), {1, 3, 3, 3, 8}, 0.125, 0.125},
        {"Conv1DTranspose", making<Conv1DTranspose>(80, 5), {1, 9, 20}, 0.05, 0.05},
        {"Conv2DTranspose", making<Conv2DTranspose>(100, 2), {1, 9, 9, 20}, 0.05, 0.05},
        {"Conv3DTranspose", making<Conv3DTranspose>(50, 2), {1, 3, 3, 3, 20}, 0.05, 0.05},
        {"DepthwiseConv1D", making<DepthwiseConv1D>(4), {1, 9, 400}, 0.5, 0.5},
        {"DepthwiseConv2D", making<DepthwiseConv2D>(5), {1, 9, 9, 400}, 0.2, 0.2},
    };
    for (const Draw& draw : draws) {
        INFO(draw.name);
        const Tensor x = ones(draw.input, f64);
        const auto keras = draw.make();
        (*keras)(x);
        CHECK(max(abs(keras->named_parameters()[1].second)).item() == 0);
        const auto guard = defaults::torch();
        const auto torch = draw.make();
        (*torch)(x);
        check_even(torch->named_parameters()[0].second, draw.kernel);
        check_even(torch->named_parameters()[1].second, draw.bias);
    }
    const auto guard = defaults::torch();
    SeparableConv2D separable(100, 5);  // nn.Conv2d of as many groups as channels, then one of 1 x 1
    separable(ones({1, 9, 9, 100}, f64));
    check_even(separable.named_parameters()[0].second, 0.2);
    check_even(separable.named_parameters()[1].second, 0.1);
    check_even(separable.named_parameters()[2].second, 0.1);
}
TEST_CASE("first weights of recurrent layers are PyTorch's", "[layers][torch]") {
    set_seed(2);
    const Tensor x = ones({1, 2, 30}, f64);
    const auto guard = defaults::torch();
    const double limit = 0.1;  // 1 / sqrt(hidden_size)
    SimpleRNN simple(100);
    GRU gru(100);
    LSTM lstm(100);
    for (RNN* layer : {static_cast<RNN*>(&simple), static_cast<RNN*>(&gru), static_cast<RNN*>(&lstm)}) {
        INFO(layer->type());
        (*layer)(x);
        check_even(layer->named_parameters()[0].second, limit);
        check_even(layer->named_parameters()[1].second, limit);
    }
    check_even(gru.named_parameters()[2].second, limit);  // bias_ih and bias_hh, one below the other
    for (RNN* layer : {static_cast<RNN*>(&simple), static_cast<RNN*>(&lstm)}) {  // their sum
        const Tensor bias = layer->named_parameters()[2].second;
        CHECK(max(abs(bias)).item() <= 2 * limit);
        CHECK(var(bias).item() == Approx(2 * limit * limit / 3).epsilon(0.6));
        CHECK(std::fabs(mean(bias).item()) < 0.05);
    }
}
TEST_CASE("an Embedding begins with PyTorch's normal numbers", "[layers][torch]") {
    set_seed(3);
    const auto rows = [](Embedding layer) {
        layer(zeros({1, 1}, i64));
        return layer.parameters()[0].detach();
    };
    const Tensor keras = rows(Embedding(400, 100));
    CHECK(max(abs(keras)).item() <= 0.05);
    const auto guard = defaults::torch();
    const Tensor torch = rows(Embedding(400, 100));
    CHECK(mean(torch).item() == Approx(0).margin(5 / 200.0));
    CHECK(var(torch).item() == Approx(1).epsilon(0.05));
    CHECK(max(torch).item() > 3);
}
TEST_CASE("normalizations have PyTorch's epsilons, and the moving variance its correction", "[layers][torch]") {
    const Tensor x = tensor<double>({{1}, {2}, {3}, {6}});  // mean 3, variance 3.5, over n - 1 14 / 3
    const Training mode;
    const auto moving = [&](BatchNormalization layer) {
        const Tensor y = layer(x);
        const auto state = layer.state();
        return std::array{state[2].second.item(), state[3].second.item(), y(3, 0).item()};
    };
    const auto keras = moving(BatchNormalization());
    CHECK(keras[0] == Approx(0.03));
    CHECK(keras[1] == Approx(0.99 + 0.01 * 3.5));
    CHECK(keras[2] == Approx(3 / std::sqrt(3.5 + 1e-3)));
    const Tensor pair = tensor<double>({{1, 3}}), four = tensor<double>({{1, 3, 5, 11}});
    const auto first = [](const Tensor& y) { return y(0, 0).item(); };
    CHECK(first(LayerNormalization()(pair)) == Approx(-1 / std::sqrt(1 + 1e-3)));
    CHECK(first(RMSNormalization()(pair)) == Approx(1 / std::sqrt(5 + 1e-6)).epsilon(1e-12));
    CHECK(first(LeakyReLU()(-pair)) == Approx(-0.3));

    const auto guard = defaults::torch();
    const auto torch = moving(BatchNormalization());
    CHECK(torch[0] == Approx(0.3));  // momentum 0.1
    CHECK(torch[1] == Approx(0.9 + 0.1 * 14 / 3));
    CHECK(torch[2] == Approx(3 / std::sqrt(3.5 + 1e-5)).epsilon(1e-12));
    CHECK(first(LayerNormalization()(pair)) == Approx(-1 / std::sqrt(1 + 1e-5)).epsilon(1e-12));
    CHECK(first(GroupNormalization({.groups = 2})(four)) == Approx(-1 / std::sqrt(1 + 1e-5)).epsilon(1e-12));
    CHECK(first(RMSNormalization()(pair)) == Approx(1 / std::sqrt(5 + 1.1920928955078125e-07)).epsilon(1e-12));
    CHECK(first(LeakyReLU()(-pair)) == Approx(-0.01));
    PReLU prelu;
    CHECK(first(prelu(-pair)) == Approx(-0.25));

    BatchNormalization steps({.axis = -1});
    Tensor masked = tensor<double>({{{1}, {2}, {9}}, {{3}, {6}, {9}}});
    masked.set_mask(tensor<bool>({{true, true, false}, {true, true, false}}));
    steps(masked);
    CHECK(steps.state()[3].second.item() == Approx(0.9 + 0.1 * 14 / 3));
    CHECK_THROWS_WITH(BatchNormalization()(ones({1, 2}, f64)),
                      "BatchNormalization: expected more than one value a channel for an unbiased variance, got input "
                      "(1, 2)");
}
