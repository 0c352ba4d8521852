#include <fstream>
#include <optional>
#include <string>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
std::vector<float> flat(const Module& module) {
    std::vector<float> all;
    for (auto& [name, w] : module.state()) all.insert(all.end(), w.raw<float>(), w.raw<float>() + w.numel());
    return all;
}
/// Memory of our own that is in use. The kernel counts it page by page here; /proc/self/statm may lag by some pages,
/// and counts the program's own code, which comes in as it is needed.
std::int64_t resident_kilobytes() {
    std::ifstream in("/proc/self/smaps_rollup");
    std::string word;
    std::int64_t kilobytes = -1;
    while (in >> word)
        if (word == "Anonymous:") in >> kilobytes;
    return kilobytes;
}
/// What the process holds; the same before and after steps that leave nothing behind.
struct Held {
    MemoryStats stats = memory_stats();
    std::int64_t resident = resident_kilobytes();
};
void check_equal(const Held& before, const Held& after) {
    CHECK(before.resident > 0);
    CHECK(after.stats.tensors == before.stats.tensors);
    CHECK(after.stats.nodes == before.stats.nodes);
    CHECK(after.stats.live_bytes == before.stats.live_bytes);
    CHECK(after.stats.system_bytes == before.stats.system_bytes);
    if (pool::enabled) CHECK(after.resident == before.resident);  // a sanitizer keeps what is freed
}
constexpr int warm_up = 100, steps = 10'000;
}  // namespace

TEST_CASE("fit takes the steps of the loop written by hand", "[train]") {
    auto [train, test] = data::digits();
    const std::int64_t batch_size = 10;
    const auto network = [] {
        set_seed(3);
        return Sequential{Input({64}), Dense(30, sigmoid), Dropout(0.2), Dense(10, sigmoid)};
    };
    const auto optimizer = [] {
        return SGD({.learning_rate =
                        InverseTimeDecay({.initial_learning_rate = 3.0, .decay_steps = 1000, .decay_rate = 0.5})});
    };
    const auto cost = [](const Tensor& y, const Tensor& a) { return quadratic_cost(one_hot(y, 10), a); };

    Sequential by_hand = network();
    SGD sgd = optimizer();
    DataLoader loader(train, {.batch_size = batch_size, .shuffle = true, .seed = 7});
    for (int epoch = 0; epoch < 2; ++epoch)
        for (auto [x, y] : loader) {
            Training mode;
            sgd.minimize(cost(y, by_hand(x)), by_hand.parameters());
        }

    const bool from_loader = GENERATE(false, true);
    Model model{network()};
    model.compile({.optimizer = optimizer(), .loss = cost});
    const FitOptions options{.epochs = 2, .batch_size = batch_size, .verbose = 0, .seed = 7};
    if (from_loader) model.fit(loader, options);
    else model.fit(train.x, train.y, options);
    CHECK(flat(model.module()) == flat(by_hand));
}

TEST_CASE("a fit gives the same bits on every repeat and for any number of threads", "[train]") {
    set_seed(1);
    const Tensor x = randn({1024, 784}), y = randint({1024}, 0, 10);
    const auto run = [&](int threads) {
        set_num_threads(threads);
        set_seed(3);
        Model model{Sequential{Dense(512, relu), Dropout(0.2), Dense(10)}};
        model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                       .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                       .metrics = {"accuracy"}});
        const History h =
            model.fit(x, y, {.epochs = 2, .batch_size = 256, .validation_split = 0.25, .verbose = 0, .seed = 5});
        set_num_threads(0);
        auto numbers = flat(model.module());
        for (auto& [name, curve] : h)
            for (double v : curve) numbers.push_back(float(v));
        return numbers;
    };
    const auto one = run(1);
    CHECK(run(1) == one);
    CHECK(run(2) == one);
    CHECK(run(4) == one);
}

TEST_CASE("ten thousand steps by hand leave memory as it was", "[train]") {
    set_seed(0);
    Sequential net{Input({4}), Dense(8, relu), Dropout(0.2), Dense(2)};
    Adam adam;
    const Tensor x = randn({8, 4}), y = tensor<std::int64_t>({0, 1, 0, 1, 0, 1, 0, 1});
    const SparseCategoricalCrossentropy loss({.from_logits = true});
    const auto step = [&] {
        Training mode;
        adam.minimize(loss(y, net(x)), net.parameters());
    };
    Held before;  // a first time to warm up the looking
    for (int i = 0; i < warm_up; ++i) step();
    before = {};
    for (int i = 0; i < steps; ++i) step();
    check_equal(before, {});
}

TEST_CASE("ten thousand steps of fit leave memory as it was", "[train]") {
    struct Watch : Callback {
        std::optional<Held> before, after;
        void on_batch_end(Fit& fit) override {
            if (fit.batch == 0 || fit.batch == warm_up) before.emplace();  // the first one warms up the looking
            if (fit.batch == warm_up + steps) after.emplace();
        }
    } watch;
    set_seed(0);
    const std::int64_t rows = 8 * (warm_up + steps + 1);
    Model model{Sequential{Dense(8, relu), Dropout(0.2), Dense(2)}};
    model.compile(
        {.optimizer = Adam(), .loss = SparseCategoricalCrossentropy({.from_logits = true}), .metrics = {"accuracy"}});
    model.fit(randn({rows, 4}), randint({rows}, 0, 2), {.batch_size = 8, .callbacks = {watch}, .verbose = 0});
    REQUIRE((watch.before && watch.after));
    check_equal(*watch.before, *watch.after);
}
