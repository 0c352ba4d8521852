// Times of small and middle-sized work on one thread: the least of many rounds, so that other programs count little.
#include <xgrad.h>
#include <array>
#include <chrono>
#include <cmath>
using namespace xg;

namespace {
/// Nanoseconds a call.
template <class F> double least(const F& f, int calls, int rounds = 30) {
    double best = INFINITY;
    for (int r = 0; r < rounds; ++r) {
        const auto began = std::chrono::steady_clock::now();
        for (int i = 0; i < calls; ++i) f();
        const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - began;
        best = std::min(best, time.count() / calls);
    }
    return best;
}
}  // namespace

int main() {
    set_num_threads(1);
    const Tensor x = ones({16}).require_grad(), w = ones({16});
    fmt::print("add of 16, not recorded                {:8.0f} ns\n", least([&] { w + w; }, 20000));
    fmt::print("add of 16, recorded, with its backward {:8.0f} ns\n", least(
                                                                          [&] {
                                                                              Tensor y = x;
                                                                              for (int i = 0; i < 100; ++i) y = y + w;
                                                                              sum(y).backward();
                                                                              x.zero_grad();
                                                                          },
                                                                          200) /
                                                                          100);
    for (const auto& n : {std::array{4, 64, 64, 2, 32}, std::array{784, 256, 128, 10, 64}}) {
        Sequential net{Input({n[0]}), Dense(n[1], relu), Dense(n[2], relu), Dense(n[3])};
        Adam adam;
        const SparseCategoricalCrossentropy loss({.from_logits = true});
        const Tensor in = randn({n[4], n[0]}), labels = randint({n[4]}, 0, n[3]);
        const double time = least([&] { adam.minimize(loss(labels, net(in)), net.parameters()); }, 300, 20);
        fmt::print("MLP {}-{}-{}-{}, batch {}, a step with Adam {:8.1f} us\n", n[0], n[1], n[2], n[3], n[4],
                   time / 1000);
    }
    const Tensor big = randn({1'000'000});
    fmt::print("tanh {:.2f}, exp {:.2f} ns an element of 1e6\n", least([&] { tanh(big); }, 5) / 1e6,
               least([&] { exp(big); }, 5) / 1e6);
}
