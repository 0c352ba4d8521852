// Clothes from small grey images: 784-128-10 with dropout. Needs Debian's dataset-fashion-mnist.
// fashion_mnist [SEED]. The rate and its decay were chosen on a sixth of the training rows, not on the test images.
#include <xgrad.h>
#include <cmath>
#include <cstdlib>
using namespace xg;

int main(int count, char** arguments) {
    const std::uint64_t seed = count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 0;
    set_seed(seed);
    auto [train, test] = data::fashion_mnist();
    constexpr int epochs = 10, batch_size = 64;
    const double steps = epochs * std::ceil(double(train.size()) / batch_size);
    Model model{Sequential{Dense(128, relu), Dropout(0.2), Dense(10)}};
    model.compile(
        {.optimizer = Adam({.learning_rate = CosineDecay({.initial_learning_rate = 2e-3, .decay_steps = steps})}),
         .loss = SparseCategoricalCrossentropy({.from_logits = true}),
         .metrics = {"accuracy"}});
    model.fit(train.x, train.y, {.epochs = epochs, .batch_size = batch_size, .seed = seed});
    const double accuracy = model.evaluate(test.x, test.y)["accuracy"];
    fmt::print("test accuracy {:.2f} %\n", 100 * accuracy);
    return accuracy >= 0.88 ? 0 : 1;
}
