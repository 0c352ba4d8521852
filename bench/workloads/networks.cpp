// W5, W6: training steps of a convolutional network and of an LSTM.
#include <algorithm>
#include <cmath>
#include <memory>
#include "../bounds/lenet.h"
#include "data.h"
#include "mlp.h"
using namespace xg;

namespace bench {

namespace {
std::vector<Dataset> images() {
    std::vector<Dataset> pool = classified(64, 784, 10);
    for (Dataset& batch : pool) batch.x = reshape(batch.x, {64, 28, 28, 1});
    return pool;
}
Sequential lenet() {
    return Sequential{Input({28, 28, 1}), Conv2D(32, 3, {.padding = "same", .activation = relu}),
                      MaxPooling2D(2),    Conv2D(64, 3, {.padding = "same", .activation = relu}),
                      MaxPooling2D(2),    Flatten(),
                      Dense(128, relu),   Dense(10)};
}
const Box<Loss> cross_entropy = SparseCategoricalCrossentropy({.from_logits = true});

void copy(Module& from, HandWrittenLenet& to) {
    int i = 0;
    for (auto& [name, value] : from.named_parameters())
        std::copy_n(value.raw<float>(), value.numel(), to.parameter(i++));
}
Work lenet_by_hand() {
    struct State {
        HandWrittenLenet hand;
        std::vector<Dataset> data = images();
        std::size_t at = 0;
    };
    const auto s = std::make_shared<State>();
    Sequential net = lenet();
    copy(net, s->hand);
    return {[s](int steps) {
        for (int i = 0; i < steps; ++i) {
            const auto& [x, y] = s->data[s->at++ % s->data.size()];
            s->hand.step(x.raw<float>(), y.raw<std::int64_t>());
        }
    }};
}
/// After five steps from the same weights: of the losses.
double lenet_difference() {
    Sequential net = lenet();
    HandWrittenLenet hand;
    copy(net, hand);
    Adam adam({.learning_rate = 1e-3});
    double worst = 0;
    const auto data = images();
    for (std::size_t k = 0; k < 5; ++k) {
        const auto& [x, y] = data[k];
        const Tensor loss = (*cross_entropy)(y, net(x));
        const double ours = loss.item(), theirs = hand.step(x.raw<float>(), y.raw<std::int64_t>());
        worst = std::max(worst, std::abs(ours - theirs) / std::abs(theirs));
        adam.minimize(loss, net.parameters());
    }
    return worst;
}
constexpr double lenet_flops = 2.0 * 64 * (2 * 784 * 9 * 32 + 3 * 196 * 9 * 32 * 64 + 3 * (3136 * 128 + 128 * 10));

/// Labels: the largest of ten random linear functions of the last step.
std::vector<Dataset> sequences() {
    const Tensor a = normal(RandomKey{7, 0}, {32, 10});
    std::vector<Dataset> pool;
    for (std::uint64_t i = 1; i <= 8; ++i) {
        const Tensor x = normal(RandomKey{7, i}, {32, 64, 32});
        pool.push_back({x, argmax(matmul(x(all, -1), a), 1)});
    }
    return pool;
}
constexpr double lstm_flops = 2.0 * 32 * 64 * 512 * (2 * 32 + 3 * 128);

const Register w5({.workload = "W5",
                   .flops = lenet_flops,
                   .make = [] { return training(std::make_shared<Sequential>(lenet()), images(), cross_entropy); },
                   .bound = lenet_by_hand,
                   .difference = lenet_difference});
const Register w6({.workload = "W6", .flops = lstm_flops, .make = [] {
                       return training(std::make_shared<Sequential>(Sequential{Input({64, 32}), LSTM(128), Dense(10)}),
                                       sequences(), cross_entropy);
                   }});
}  // namespace

}  // namespace bench
