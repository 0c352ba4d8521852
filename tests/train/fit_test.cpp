#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
Model small(std::uint64_t seed = 0) {
    set_seed(seed);
    Model model{Sequential{Dense(8, tanh), Dropout(0.1), Dense(3)}};
    model.compile({.optimizer = Adam({.learning_rate = 0.01}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    return model;
}
std::vector<float> flat(const Model& model) {
    std::vector<float> all;
    for (const Tensor& w : model.weights()) all.insert(all.end(), w.raw<float>(), w.raw<float>() + w.numel());
    return all;
}
std::string temporary(const std::string& name) {
    return (std::filesystem::temp_directory_path() / ("xgrad_test_" + name)).string();
}
std::string contents(const std::string& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}
}  // namespace

TEST_CASE("iris is learned, and evaluate names its numbers", "[train]") {
    auto [train, test] = standardise(data::iris());
    Model model = small();
    const History history = model.fit(train.x, train.y, {.epochs = 60, .validation_split = 0.1, .verbose = 0});
    CHECK(history.epochs() == 60);
    CHECK(history["loss"].back() < history["loss"].front());
    CHECK(model.evaluate(test.x, test.y)["accuracy"] >= 0.9);
    CHECK(model.predict(test.x).shape() == Shape{test.size(), 3});
    CHECK_THROWS_WITH(history["lost"], "History: expected one of loss, accuracy, val_loss, val_accuracy, got \"lost\"");
}

TEST_CASE("fit refuses what would go wrong later", "[train]") {
    auto [train, test] = data::iris();
    const Tensor x = train.x, y = train.y;
    Model model = small();
    CHECK_THROWS_WITH(model.fit(x, slice(y, 0, 5)), "fit: expected x and y of equal length, got (120, 4) and (5,)");
    CHECK_THROWS_WITH(model.fit(x, y, {.batch_size = 0}), "fit: expected batch_size > 0, got 0");
    CHECK_THROWS_WITH(model.fit(slice(x, 0, 0), slice(y, 0, 0)), "fit: expected at least one row, got none");
    CHECK_THROWS_WITH(model.fit(x, y + 1), ContainsSubstring("fit: expected labels in [0, 3), got 3 in row "));
    CHECK_THROWS_WITH(model.fit(x, y, {.callbacks = {EarlyStopping({.monitor = "val_los"})}, .verbose = 0}),
                      "EarlyStopping: expected a monitor of loss, accuracy, got \"val_los\"");
    Tensor bad = x.copy();
    bad(7, 2) = NAN;
    CHECK_THROWS_WITH(model.fit(bad, y), "fit: expected finite numbers, got NaN or infinity in row 7 of x");
    CHECK_THROWS_WITH(model.fit(x, y, {.validation_split = 1}), "fit: expected 0 <= validation_split < 1, got 1");
    CHECK_THROWS_WITH(model.fit(x, y, {.sample_weight = ones({3})}),
                      "fit: expected one sample_weight a row, 120, got (3,)");
    Model raw{Sequential{Dense(1)}};
    CHECK_THROWS_WITH(raw.fit(x, y), "fit: expected compile() before");
    CHECK_THROWS_WITH(raw.compile({}), "compile: expected a loss, got none");
}

TEST_CASE("weights travel by name", "[train]") {
    const std::string path = temporary("weights.safetensors");
    Model a = small(1), b = small(2);
    a.predict(ones({1, 4})), b.predict(ones({1, 4}));
    save_weights(a, path);
    CHECK(flat(a) != flat(b));
    CHECK(load_weights(b, path).ok());
    CHECK(flat(a) == flat(b));
    Model other{Sequential{Dense(8), Dropout(0.1), Dense(2)}};
    other.predict(ones({1, 4}));
    CHECK_THROWS_WITH(load_weights(other, path),
                      "load_weights: expected the names and shapes of the module, got of another shape: "
                      "2.kernel (expected (8, 2), got (8, 3)), 2.bias (expected (2,), got (3,))");
    const auto report = load_weights(other, path, {.strict = false});
    CHECK(report.wrong_shape.size() == 2);
    std::filesystem::remove(path);
}

TEST_CASE("the loggers write what was measured", "[train]") {
    auto [train, test] = data::iris();
    const std::string csv = temporary("history.csv"), svg = temporary("curves.svg"), logs = temporary("logs");
    std::filesystem::remove_all(logs);
    Model model = small();
    const History h = model.fit(
        train.x, train.y,
        {.epochs = 2, .validation_split = 0.2, .callbacks = {CSVLogger(csv), TensorBoard(logs)}, .verbose = 0});
    CHECK(contents(csv).starts_with("epoch,loss,accuracy,val_loss,val_accuracy\n0,"));
    CHECK(parse_csv(contents(csv), csv)["loss"].shape() == Shape{2});
    h.save_svg(svg);
    CHECK(contents(svg).starts_with("<svg"));
    CHECK(std::distance(std::filesystem::directory_iterator(logs + "/train"), {}) == 1);
    CHECK(std::distance(std::filesystem::directory_iterator(logs + "/validation"), {}) == 1);
    for (auto& path : {csv, svg, logs}) std::filesystem::remove_all(path);
}

TEST_CASE("evaluate and predict act in inference mode, and leave the mode as it was", "[train]") {
    const Tensor x = ones({64, 4}), y = zeros({64}, i64);
    Model model{Sequential{Dropout(0.9)}};
    model.compile({.loss = [](const Tensor&, const Tensor& p) { return mean(p, -1); }});
    Training mode;
    CHECK(max(abs(model.predict(x) - x)).item() == 0);
    CHECK(model.evaluate(x, y)["loss"] == 1);
    CHECK(Training::on());
}

TEST_CASE("class weights multiply with sample weights", "[train]") {
    const Tensor x = ones({4, 2}), y = tensor<std::int64_t>({0, 1, 1, 0});
    Model model = small();
    const auto once = [&](FitOptions o) {
        o.verbose = 0;
        o.shuffle = false;
        model.predict(x);
        const auto w = model.weights();
        const double l = model.fit(x, y, o)["loss"][0];
        model.set_weights(w);
        return l;
    };
    CHECK(once({.class_weight = {{0, 0.0}, {1, 0.0}}}) == 0);
    CHECK(once({.sample_weight = full({4}, 2.0), .class_weight = {{0, 0.0}, {1, 0.0}}}) == 0);
}
