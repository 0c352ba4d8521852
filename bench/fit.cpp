// What fit costs over a loop written by hand: the same network, batches and steps, in turn, the least of many epochs.
#include <xgrad.h>
#include <chrono>
#include <cmath>
#include <filesystem>
using namespace xg;

namespace {
template <class F> double seconds(const F& f) {
    const auto began = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}
void compare(const char* what, const Dataset& train, std::vector<std::int64_t> sizes, std::int64_t batch_size) {
    constexpr int rounds = 60, epochs = 2;
    const auto fresh = [&] {
        return Sequential{Input({sizes[0]}), Dense(sizes[1], sigmoid), Dense(sizes[2], sigmoid)};
    };
    const LoaderOptions order{.batch_size = batch_size, .shuffle = true, .seed = 7};
    const auto cost_of = [](const Tensor& y, const Tensor& p) { return quadratic_cost(one_hot(y, 10), p); };
    Sequential net = fresh();
    SGD optimizer({.learning_rate = 0.1});
    DataLoader loader(train, order);
    const auto by_hand = [&] {
        for (int epoch = 0; epoch < epochs; ++epoch)
            for (auto [x, y] : loader) {
                Training mode;
                Tensor cost = cost_of(y, net(x));
                optimizer.minimize(cost, net.parameters());
            }
    };
    Model model{fresh()};
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = cost_of});
    const std::string folder = (std::filesystem::temp_directory_path() / "xgrad_bench").string();
    const auto off = [&] { model.fit(DataLoader(train, order), {.epochs = epochs, .verbose = 0}); };
    const auto on = [&] {
        model.fit(DataLoader(train, order),
                  {.epochs = epochs, .callbacks = {TensorBoard(folder), CSVLogger(folder + ".csv")}, .verbose = 1});
    };
    double hand = INFINITY, bare = INFINITY, watched = INFINITY;
    for (int r = 0; r < rounds; ++r)
        hand = std::min(hand, seconds(by_hand)), bare = std::min(bare, seconds(off)),
        watched = std::min(watched, seconds(on));
    const double steps = double(epochs * loader.batches());
    fmt::print(stderr,
               "{}: by hand {:.2f} us a step; fit {:+.1f} %; fit with bar, TensorBoard and CSVLogger {:+.1f} %\n", what,
               1e6 * hand / steps, 100 * (bare / hand - 1), 100 * (watched / hand - 1));
    std::filesystem::remove_all(folder);
}
}  // namespace

int main() {
    set_num_threads(1);
    compare("64-30-10, batch 10", data::digits().train, {64, 30, 10}, 10);
    compare("64-256-10, batch 64", data::digits().train, {64, 256, 10}, 64);
}
