#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Data {
    Tensor x, size, kind;
};
Data made() {
    set_seed(0);
    const Tensor x = randn({40, 5});
    return {x, sum(x, -1, {.keepdims = true}), (sum(x, -1) > 0).to(i64)};
}
Model two_headed() {
    set_seed(1);
    Input x({5});
    const Symbol h = x | Dense(6, tanh);
    return Model(x, {{"size", h | Dense(1)}, {"kind", h | Dense(2)}});
}
/// Two outputs without a graph.
struct TwoHeaded : Module {
    Dense& size = child("size", Dense(1));
    Dense& kind = child("kind", Dense(2));
    Tensors forward_all(const Tensors& xs) override { return {size(xs[0]), kind(xs[0])}; }
    std::vector<std::string> output_names() const override { return {"size", "kind"}; }
};
std::vector<std::string> names(const Logs& logs) {
    std::vector<std::string> all;
    for (auto& [name, value] : logs) all.push_back(name);
    return all;
}
}  // namespace

TEST_CASE("each output has its loss, its weight and its metrics, named as in Keras", "[outputs]") {
    const Data d = made();
    Model model = two_headed();
    model.compile({.optimizer = Adam({.learning_rate = 0.02}),
                   .losses = {MeanSquaredError(), SparseCategoricalCrossentropy({.from_logits = true})},
                   .loss_weights = {0.25, 2.0},
                   .output_metrics = {{"mae"}, {"accuracy"}}});
    const History h =
        model.fit(d.x, {d.size, d.kind}, {.epochs = 30, .batch_size = 7, .validation_split = 0.2, .verbose = 0});
    std::vector<std::string> curves;
    for (auto& [name, curve] : h) curves.push_back(name);
    CHECK(curves == std::vector<std::string>{"loss", "size_loss", "kind_loss", "size_mae", "kind_accuracy", "val_loss",
                                             "val_size_loss", "val_kind_loss", "val_size_mae", "val_kind_accuracy"});
    CHECK(h["loss"].back() < h["loss"].front() / 2);
    const Logs scores = model.evaluate(d.x, {d.size, d.kind});
    CHECK(scores["loss"] == Approx(0.25 * scores["size_loss"] + 2 * scores["kind_loss"]).epsilon(1e-6));
    const Tensors out = model.predict_all({d.x}, {.batch_size = 9});
    REQUIRE(out.size() == 2);
    CHECK(scores["size_loss"] == Approx(mean(square(out[0] - d.size)).item()).epsilon(1e-5));
    CHECK(scores["size_mae"] == Approx(mean(abs(out[0] - d.size)).item()).epsilon(1e-5));
    CHECK(scores["kind_accuracy"] == Approx(mean((argmax(out[1], -1) == d.kind).to(f64)).item()));
    CHECK(names(model.train_on_batch(d.x, {d.size, d.kind})) == names(scores));
    CHECK(model.test_on_batch(d.x, {d.size, d.kind})["kind_loss"] > 0);
    CHECK_THROWS_WITH(model.predict(d.x), "predict: expected one output, got 2, which predict_all() gives");
}

TEST_CASE("loaders and streams hand on several targets", "[outputs]") {
    const Data d = made();
    const auto fitted = [&](const auto& fit) {
        Model model = two_headed();
        model.compile({.losses = {MeanSquaredError(), SparseCategoricalCrossentropy({.from_logits = true})}});
        const History h = fit(model);
        return std::pair(h["loss"], h["kind_loss"]);
    };
    const MultiTargetDataset rows{{d.x}, {d.size, d.kind}};
    const LoaderOptions order{.batch_size = 7, .shuffle = true, .seed = 4};
    const auto memory = fitted([&](Model& m) {
        return m.fit(d.x, {d.size, d.kind}, {.epochs = 2, .batch_size = 7, .verbose = 0, .seed = 4});
    });
    CHECK(fitted([&](Model& m) { return m.fit(MultiTargetDataLoader(rows, order), {.epochs = 2, .verbose = 0}); }) ==
          memory);
    const auto in_order = fitted([&](Model& m) {
        return m.fit(d.x, {d.size, d.kind}, {.epochs = 2, .batch_size = 7, .shuffle = false, .verbose = 0});
    });
    CHECK(fitted([&](Model& m) { return m.fit(Stream::from(rows).batch(7), {.epochs = 2, .verbose = 0}); }) ==
          in_order);
    for (auto [xs, ys] : MultiTargetDataLoader(rows, {.batch_size = 40})) {
        CHECK(xs.size() == 1);
        CHECK(all(ys[1] == d.kind).item<bool>());
    }
    CHECK_THROWS_WITH(MultiTargetDataLoader({{d.x}, {}}), "DataLoader: expected at least one target, got none");
    CHECK_THROWS_WITH(MultiTargetDataLoader({{d.x}, {d.size, slice(d.kind, 0, 3)}}),
                      "DataLoader: expected x and y of equal length, got (40, 5) and (3,)");
    Model model = two_headed();
    model.compile({.losses = {MeanSquaredError(), SparseCategoricalCrossentropy({.from_logits = true})}});
    CHECK_THROWS_WITH(model.fit(Stream::from(Tensors{d.x, d.size}).batch(7), {.verbose = 0}),
                      "fit: expected inputs and 2 targets in a batch, got 2 tensors");
}

TEST_CASE("weighted metrics count rows by their weights, others do not", "[outputs]") {
    const Tensor x = tensor({{0}, {1}, {2}, {4}}), y = zeros({4, 1}), weight = tensor({1, 0, 3, 0});
    const auto error = [](const Tensor& y_true, const Tensor& y_pred) { return mean(abs(y_pred - y_true), -1); };
    Model model{Sequential{Dense(1, {.use_bias = false, .kernel_initializer = Ones()})}};
    model.compile({.optimizer = SGD({.learning_rate = 0}),
                   .loss = "mse",
                   .metrics = {"mae"},
                   .weighted_metrics = {{"weighted_mae", error}}});
    // |p - y| = 0, 1, 2, 4: (0 + 1 + 2 + 4) / 4, and (1 0 + 3 2) / (1 + 3).
    const auto check = [](const Logs& logs) {
        CHECK(logs["mae"] == 1.75);
        CHECK(logs["weighted_mae"] == 1.5);
    };
    check(model.evaluate(x, y, {.batch_size = 3, .sample_weight = weight}));
    check(model.train_on_batch(x, y, {.sample_weight = weight}));
    const History h = model.fit(x, y, {.batch_size = 2, .verbose = 0, .sample_weight = weight});
    CHECK(h["weighted_mae"][0] == 1.5);
    const Logs plain = model.evaluate(x, y);
    CHECK(plain["weighted_mae"] == plain["mae"]);
    model.compile({.loss = "mse", .weighted_metrics = {"mae"}});
    save_model(model, "weighted.xgrad");
    Model again = load_model("weighted.xgrad");
    std::remove("weighted.xgrad");
    CHECK(again.evaluate(x, y, {.sample_weight = weight})["mae"] == 1.5);
    model.compile({.loss = "mse", .metrics = {"mae"}, .weighted_metrics = {"mae"}});
    check(model.evaluate(x, y, {.sample_weight = weight}));
    CHECK_THROWS_WITH(model.compile({.loss = "mse", .weighted_metrics = {"mae", "mae", "mae"}}),
                      "compile: expected metrics of different names, got \"weighted_mae\" twice");
    CHECK_THROWS_WITH(model.compile({.loss = "mse", .output_weighted_metrics = {{"mae"}, {"mse"}}}),
                      "compile: expected a list of output_weighted_metrics for each of 1 outputs, got 2");
}

TEST_CASE("the gradient is that of the weighted sum", "[outputs]") {
    const Data d = made();
    Model model = two_headed(), by_hand = two_headed();
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse", .loss_weights = {0.5, 3}});
    const Tensor target = randn({40, 2});
    model.train_on_batch(d.x, {d.size, target}, {.sample_weight = full({40}, 2)});
    Training mode;
    const Tensors out = by_hand.module().outputs({d.x});
    const Tensor cost = 0.5 * MeanSquaredError()(d.size, out[0]) * 2 + 3 * MeanSquaredError()(target, out[1]) * 2;
    SGD({.learning_rate = 0.1}).minimize(cost, by_hand.parameters());
    const auto a = model.weights(), b = by_hand.weights();
    for (std::size_t i = 0; i < a.size(); ++i) CHECK(max(abs(a[i] - b[i])).item() < 1e-6);
}

TEST_CASE("a module of one's own has several outputs as well", "[outputs]") {
    const Data d = made();
    Model model{TwoHeaded()};
    model.compile({.losses = {MeanSquaredError(), SparseCategoricalCrossentropy({.from_logits = true})}});
    const History h = model.fit(d.x, {d.size, d.kind},
                                {.epochs = 5, .callbacks = {EarlyStopping({.monitor = "size_loss"})}, .verbose = 0});
    CHECK(h["size_loss"].back() < h["size_loss"].front());
}

TEST_CASE("targets and losses that do not go together are refused", "[outputs]") {
    const Data d = made();
    Model model = two_headed();
    CHECK_THROWS_WITH(model.compile({.losses = {MeanSquaredError()}}),
                      "compile: expected one of losses for each of 2 outputs, got 1");
    CHECK_THROWS_WITH(model.compile({.loss = "mse", .loss_weights = {1, 2, 3}}),
                      "compile: expected one of loss_weights for each of 2 outputs, got 3");
    CHECK_THROWS_WITH(model.compile({.loss = "mse", .output_metrics = {{"mae"}}}),
                      "compile: expected a list of output_metrics for each of 2 outputs, got 1");
    CHECK_THROWS_WITH(model.compile({.loss = "mse", .losses = {MeanSquaredError()}}),
                      "compile: expected loss or losses, got both");
    model.compile({.losses = {MeanSquaredError(), SparseCategoricalCrossentropy({.from_logits = true})}});
    CHECK_THROWS_WITH(model.fit(d.x, d.size), "fit: expected as many outputs and targets as losses, 2, got 2 and 1");
    CHECK_THROWS_WITH(model.fit(d.x, {d.size, slice(d.kind, 0, 3)}),
                      "fit: expected y[1] and y[0] of equal length, got (3,) and (40, 1)");
    CHECK_THROWS_WITH(model.fit(d.x, {d.size, d.kind + 5}), ContainsSubstring("fit: expected labels in [0, 2), got "));
    CHECK_THROWS_WITH(model.fit(d.x, {d.size, d.kind}, {.verbose = 0, .class_weight = {{0, 2.0}}}),
                      "fit: expected one output for class_weight, got 2");
    CHECK_THROWS_WITH(model.train_on_batch(d.x, d.size),
                      "loss: expected as many outputs and targets as losses, 2, got 2 and 1");
}
