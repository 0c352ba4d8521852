// Times of small and middle-sized work on one thread: the least of many rounds, so that other programs count little.
#include <xgrad.h>
#include <sys/resource.h>
#include <chrono>
#include <cmath>
#include "hand_written_mlp.h"
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

/// Sizes of a network and, last, the batch: our step beside the hand-written one, in turn, from the same weights.
void compare_mlp(std::vector<int> sizes) {
    const int batch = sizes.back();
    sizes.pop_back();
    Sequential net{Input({sizes[0]}), Dense(sizes[1], relu), Dense(sizes[2], relu), Dense(sizes[3])};
    bench::HandWrittenMlp hand(sizes, batch);
    const auto named = net.named_parameters();
    for (std::size_t i = 0; i < 3; ++i)
        std::copy_n(named[2 * i].second.raw<float>(), named[2 * i].second.numel(), hand.kernel(i));
    Adam adam;
    const SparseCategoricalCrossentropy loss({.from_logits = true});
    const Tensor x = randn({batch, sizes[0]}), labels = randint({batch}, 0, sizes[3]);
    double ours = 0, theirs = 0;
    const auto step = [&] {
        const Tensor cost = loss(labels, net(x));
        adam.minimize(cost, net.parameters());
        ours = cost.item();
    };
    const auto hand_step = [&] { theirs = hand.step(x.raw<float>(), labels.raw<std::int64_t>()); };
    for (int i = 0; i < 20; ++i) step(), hand_step();
    const double difference = std::abs(ours - theirs) / theirs;
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    double best = INFINITY, bound = INFINITY;
    for (int round = 0; round < 40; ++round) {
        best = std::min(best, least(step, 100, 1));
        bound = std::min(bound, least(hand_step, 100, 1));
    }
    getrusage(RUSAGE_SELF, &after);
    fmt::print(
        "MLP {}-{}-{}-{}, batch {}, Adam {:7.2f} us, by hand {:7.2f} us, ratio {:.2f}; losses differ by {:.0e}; {} "
        "page faults\n",
        sizes[0], sizes[1], sizes[2], sizes[3], batch, best / 1000, bound / 1000, best / bound, difference,
        after.ru_minflt - before.ru_minflt);
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
    for (const auto& sizes : {std::vector<int>{4, 64, 64, 2, 32}, std::vector<int>{784, 256, 128, 10, 64}})
        compare_mlp(sizes);
    const Tensor big = randn({1'000'000});
    fmt::print("tanh {:.2f}, exp {:.2f} ns an element of 1e6\n", least([&] { tanh(big); }, 5) / 1e6,
               least([&] { exp(big); }, 5) / 1e6);
}
