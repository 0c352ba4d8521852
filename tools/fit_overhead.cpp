// What fit costs over a loop written by hand: the same network, batches and steps, in turn, the least of many rounds.
// The progress bar goes to standard output; the numbers to standard error.
#include <xgrad.h>
#include <cmath>
#include <ctime>
#include <filesystem>
using namespace xg;

namespace {
/// This thread's time on a processor: other programs count little.
double now() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return double(t.tv_sec) + 1e-9 * double(t.tv_nsec);
}
template <class F> double seconds(const F& f) {
    const double began = now();
    f();
    return now() - began;
}
void compare(const char* what, const Dataset& train, std::vector<std::int64_t> sizes, std::int64_t batch_size,
             int rounds) {
    constexpr int epochs = 20;  // as in program 2 of the interface
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
    const auto tensorboard = [&] {
        model.fit(DataLoader(train, order), {.epochs = epochs, .callbacks = {TensorBoard(folder)}, .verbose = 0});
    };
    const auto on = [&] {
        model.fit(DataLoader(train, order),
                  {.epochs = epochs, .callbacks = {TensorBoard(folder), CSVLogger(folder + ".csv")}, .verbose = 1});
    };
    double hand = INFINITY, bare = INFINITY, board = INFINITY, watched = INFINITY;
    for (int r = 0; r < rounds; ++r) {
        hand = std::min(hand, seconds(by_hand)), bare = std::min(bare, seconds(off));
        board = std::min(board, seconds(tensorboard)), watched = std::min(watched, seconds(on));
    }
    const double steps = double(epochs * loader.batches());
    fmt::print(stderr,
               "{}: by hand {:.2f} us a step; fit {:+.1f} %; TensorBoard {:+.1f} % more; fit with bar, TensorBoard and "
               "CSVLogger {:+.1f} %\n",
               what, 1e6 * hand / steps, 100 * (bare / hand - 1), 100 * (board - bare) / hand,
               100 * (watched / hand - 1));
    std::filesystem::remove_all(folder);
}
}  // namespace

int main() {
    set_num_threads(1);
    compare("1,437 digits, 64-30-10, batch 10", data::digits().train, {64, 30, 10}, 10, 60);
    const Dataset images{uniform({10'000, 784}), randint({10'000}, 0, 10)};
    compare("10,000 images, 784-30-10, batch 10", images, {784, 30, 10}, 10, 6);
    compare("10,000 images, 784-256-10, batch 64", images, {784, 256, 10}, 64, 3);
}
