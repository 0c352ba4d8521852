#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Siamese : Module {
    Sequential& tower = child("tower", Sequential{Dense(16, relu), Dense(8)});
    Dense& score = child("score", Dense(1));
    Tensor forward(const Tensors& in) override { return score(abs(tower(in[0]) - tower(in[1]))); }
};
/// The same network on one input: both sides in one row.
struct SideBySide : Module {
    Siamese& pair = child("pair", Siamese());
    Tensor forward(const Tensor& x) override { return pair({x(all, Slice(0, 6)), x(all, Slice(6, 12))}); }
};
/// Built at once on `inputs`, so that the weights follow from the seed.
template <class M> Model made(const Tensors& inputs) {
    set_seed(2);
    Model model{M()};
    model.predict(inputs);
    model.compile({.optimizer = Adam({.learning_rate = 0.01}), .loss = QuadraticCost(), .metrics = {"mse"}});
    return model;
}
std::vector<float> flat(const Model& model) {
    std::vector<float> numbers;
    for (const Tensor& w : model.weights()) numbers.insert(numbers.end(), w.raw<float>(), w.raw<float>() + w.numel());
    return numbers;
}
}  // namespace

TEST_CASE("several inputs train as the same numbers in one input do", "[train]") {
    set_seed(0);
    const Tensor left = randn({50, 6}), right = randn({50, 6}), both = concatenate({left, right}, 1),
                 y = sum(left * right, {1}, {.keepdims = true}), weight = uniform({50});
    const auto rows = GENERATE(ValidationRows::last, ValidationRows::shuffled);
    const FitOptions options{.epochs = 3,
                             .batch_size = 8,
                             .validation_split = 0.2,
                             .validation_rows = rows,
                             .verbose = 0,
                             .seed = 4,
                             .sample_weight = weight};
    Model two = made<Siamese>({left, right}), one = made<SideBySide>({both});
    const History a = two.fit({left, right}, y, options), b = one.fit(both, y, options);
    CHECK(flat(two) == flat(one));
    for (const auto* name : {"loss", "mse", "val_loss", "val_mse"}) CHECK(a[name] == b[name]);
    CHECK(two.evaluate({left, right}, y, {.sample_weight = weight})["loss"] ==
          one.evaluate(both, y, {.sample_weight = weight})["loss"]);
    CHECK(all(two.predict({left, right}, {.batch_size = 7}) == one.predict(both, {.batch_size = 7})).item<bool>());
    CHECK(all(two.predict_on_batch({left, right}) == one.predict_on_batch(both)).item<bool>());
    CHECK(two.train_on_batch({left, right}, y)["mse"] == one.train_on_batch(both, y)["mse"]);
    CHECK(two.test_on_batch({left, right}, y, weight)["loss"] == one.test_on_batch(both, y, weight)["loss"]);
    CHECK(flat(two) == flat(one));
}

TEST_CASE("a loader hands on several inputs", "[train]") {
    set_seed(0);
    const Tensor left = randn({50, 6}), right = randn({50, 6}), y = sum(left * right, {1}, {.keepdims = true});
    const MultiDataset pairs{{left, right}, y};
    Model from_loader = made<Siamese>(pairs.x), from_tensors = made<Siamese>(pairs.x);
    const MultiDataLoader loader(pairs, {.batch_size = 8, .shuffle = true, .seed = 4});
    const History a = from_loader.fit(loader, {.epochs = 2, .validation_data = pairs, .verbose = 0});
    const History b = from_tensors.fit(
        {left, right}, y,
        {.epochs = 2, .batch_size = 8, .validation_data = {{left, right}, y}, .verbose = 0, .seed = 4});
    CHECK(flat(from_loader) == flat(from_tensors));
    CHECK(a["val_loss"].size() == 2);
    for (auto [xs, targets] : loader.epoch(0)) {
        CHECK(xs.size() == 2);
        CHECK(all(sum(xs[0] * xs[1], {1}, {.keepdims = true}) == targets).item<bool>());
    }
    CHECK_THROWS_WITH(MultiDataLoader({{left, slice(right, 0, 3)}, y}),
                      "DataLoader: expected x and y of equal length, got (3, 6) and (50, 1)");
    CHECK_THROWS_WITH(MultiDataLoader({{}, y}), "DataLoader: expected at least one input, got none");
    CHECK_THROWS_WITH(DataLoader({left, {}}), "DataLoader: expected x and y, got neither or one");
}

TEST_CASE("validation counts the weights that were split off, not those of classes", "[train]") {
    // A network that answers 0 and does not learn: the loss of each row is its target, |y - 0|.
    struct Zero : Module {
        Tensor scale = parameter("scale", zeros({1}));
        Tensor forward(const Tensor& x) override { return x * scale; }
    };
    Model model{Zero()};
    model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = MeanAbsoluteError()});
    const Tensor x = ones({4, 1}), y = tensor({{1}, {2}, {3}, {5}});
    const History h = model.fit(x, y,
                                {.validation_split = 0.5,
                                 .verbose = 0,
                                 .sample_weight = tensor({1, 2, 4, 8}),
                                 .class_weight = {{1, 10.0}, {3, 100.0}}});
    CHECK(h["loss"][0] == Approx((1 * 10 * 1 + 2 * 2) / 2.0));
    CHECK(h["val_loss"][0] == Approx((4 * 3 + 8 * 5) / 2.0));
    CHECK(model.evaluate(x, y)["loss"] == Approx(11 / 4.0));
    CHECK(model.evaluate(x, y, {.batch_size = 3, .sample_weight = tensor({1, 2, 4, 8})})["loss"] == Approx(57 / 4.0));
}
