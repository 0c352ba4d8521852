// W5: training steps of a small convolutional network.
#include <memory>
#include "../bounds/lenet.h"
#include "beside.h"
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

std::shared_ptr<HandWrittenLenet> lenet_by_hand(Module& net) {
    auto hand = std::make_shared<HandWrittenLenet>();
    copy(net, *hand);
    return hand;
}
double lenet_difference() {
    Sequential net = lenet();
    return difference(net, *lenet_by_hand(net), images(), cross_entropy);
}
constexpr double lenet_flops = 2.0 * 64 * (2 * 784 * 9 * 32 + 3 * 196 * 9 * 32 * 64 + 3 * (3136 * 128 + 128 * 10));

const Register w5({.workload = "W5",
                   .flops = lenet_flops,
                   .make = [] { return training(std::make_shared<Sequential>(lenet()), images(), cross_entropy); },
                   .bound =
                       [] {
                           Sequential net = lenet();
                           return by_hand(lenet_by_hand(net), images());
                       },
                   .difference = lenet_difference});
}  // namespace

}  // namespace bench
