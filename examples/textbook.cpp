// The textbook network, step by step: sigmoid units, the quadratic cost, gradient descent with a decaying rate.
// textbook [digits|fashion]
#include <xgrad.h>
#include <chrono>
using namespace xg;

int main(int count, char** arguments) {
    const bool fashion = count > 1 && std::string(arguments[1]) == "fashion";
    set_seed(7);
    auto [train, test] = fashion ? data::fashion_mnist() : data::digits();
    Sequential net{Input({train.x.shape()[1]}), Dense(30, sigmoid),
                   Dense(10, sigmoid)};  // with an Input all is built at once
    SGD optimizer({.learning_rate = InverseTimeDecay(
                       {.initial_learning_rate = 3.0, .decay_steps = fashion ? 20000. : 1000., .decay_rate = 0.5})});
    DataLoader loader(train, {.batch_size = 10, .shuffle = true, .seed = 7});
    double accuracy = 0;
    for (int epoch = 0; epoch < (fashion ? 10 : 20); ++epoch) {
        const auto began = std::chrono::steady_clock::now();
        for (auto [x, y] : loader) {  // each pass is the next epoch: another order
            Training mode;
            Tensor cost = quadratic_cost(one_hot(y, 10), net(x));  // C = 1/(2n) sum ||y - a||^2
            optimizer.minimize(cost, net.parameters());            // backward, step, zero the gradients
        }
        const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        NoGrad guard;
        accuracy = mean(argmax(net(test.x), -1) == test.y).item();
        fmt::print("epoch {:2}: {:.2f} s, test accuracy {:.2f} %\n", epoch + 1, seconds, 100 * accuracy);
    }
    return accuracy >= (fashion ? 0.85 : 0.9) ? 0 : 1;
}
