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

TEST_CASE("fit refuses before the first step, and changes nothing", "[train]") {
    auto [train, test] = data::iris();
    const Tensor x = train.x, y = train.y, nothing = slice(x, 0, 0), one_row = slice(x, 0, 1);
    const auto with = [](const Tensor& t, std::int64_t row, double value) {
        const Tensor changed = t.copy();
        (t.rank() == 1 ? changed(row) : changed(row, 2)) = value;
        return changed;
    };
    struct Row {
        Tensors xs;
        Tensor y;
        FitOptions options;
        std::string text;
    };
    const std::vector<Row> table{
        {{x}, y, {.batch_size = 0}, "fit: expected batch_size > 0, got 0"},
        {{x}, y, {.batch_size = -1}, "fit: expected batch_size > 0, got -1"},
        {{x}, y, {.epochs = -1}, "fit: expected 0 <= initial_epoch <= epochs, got 0 and -1"},
        {{x}, y, {.epochs = 3, .initial_epoch = 4}, "fit: expected 0 <= initial_epoch <= epochs, got 4 and 3"},
        {{x}, y, {.verbose = 3}, "fit: expected verbose 0, 1 or 2, got 3"},
        // Lengths.
        {{x}, slice(y, 0, 5), {}, "fit: expected x and y of equal length, got (120, 4) and (5,)"},
        {{x, nothing}, y, {}, "fit: expected x[1] and y of equal length, got (0, 4) and (120,)"},
        {{x}, y, {.sample_weight = ones({3})}, "fit: expected one sample_weight a row, 120, got (3,)"},
        {{x}, y, {.sample_weight = ones({})}, "fit: expected one sample_weight a row, 120, got ()"},
        {{x},
         y,
         {.validation_data = {x, slice(y, 0, 5)}},
         "fit: validation: expected x and y of equal length, got (120, 4) and (5,)"},
        {{x},
         y,
         {.validation_data = {x, y, ones({3})}},
         "fit: validation: expected one sample_weight a row, 120, got (3,)"},
        // Nothing there.
        {{nothing}, slice(y, 0, 0), {}, "fit: expected at least one row, got none"},
        {{}, y, {}, "fit: expected at least one row, got none"},
        {{Tensor()}, y, {}, "fit: expected at least one row, got no x"},
        {{x}, {}, {}, "fit: expected at least one row, got none"},
        {{x}, y, {.validation_data = {x, Tensor()}}, "fit: validation: expected at least one row, got none"},
        {{x}, y, {.validation_data = Dataset()}, "fit: validation: expected at least one row, got none"},
        {{x},
         y,
         {.validation_data = {nothing, slice(y, 0, 0)}},
         "fit: validation: expected at least one row, got none"},
        // Shares.
        {{x}, y, {.validation_split = 1}, "fit: expected 0 <= validation_split < 1, got 1"},
        {{x}, y, {.validation_split = -0.1}, "fit: expected 0 <= validation_split < 1, got -0.1"},
        {{x}, y, {.validation_split = NAN}, "fit: expected 0 <= validation_split < 1, got nan"},
        {{one_row},
         slice(y, 0, 1),
         {.validation_split = 0.5},
         "fit: expected a validation_split that leaves rows on both sides, got 0.5 of 1 rows"},
        // Labels.
        {{x}, with(y, 7, 3), {}, "fit: expected labels in [0, 3), got 3 in row 7"},
        {{x}, with(y, 7, -1), {}, "fit: expected labels in [0, 3), got -1 in row 7"},
        {{x}, y, {.validation_data = {x, with(y, 9, 5)}}, "fit: validation: expected labels in [0, 3), got 5 in row 9"},
        // Numbers.
        {{with(x, 7, NAN)}, y, {}, "fit: expected finite numbers, got NaN or infinity in row 7 of x"},
        {{x, with(x, 7, -INFINITY)}, y, {}, "fit: expected finite numbers, got NaN or infinity in row 7 of x[1]"},
        {{x}, with(y.to(f32), 7, NAN), {}, "fit: expected finite numbers, got NaN or infinity in row 7 of y"},
        {{x},
         y,
         {.sample_weight = with(ones({120}), 7, NAN)},
         "fit: expected finite numbers, got NaN or infinity in row 7 of sample_weight"},
        {{x},
         y,
         {.validation_data = {with(x, 7, NAN), y}},
         "fit: validation: expected finite numbers, got NaN or infinity in row 7 of x"},
        // Names.
        {{x},
         y,
         {.callbacks = {EarlyStopping({.monitor = "val_los"})}},
         "EarlyStopping: expected a monitor of loss, accuracy, got \"val_los\""},
        {{x},
         y,
         {.validation_split = 0.1, .callbacks = {EarlyStopping({.monitor = "val_los"})}},
         "EarlyStopping: expected a monitor of loss, accuracy, val_loss, val_accuracy, got \"val_los\""},
    };
    Model model = small();
    model.predict(x);
    const auto before = flat(model);
    for (const Row& row : table) CHECK_THROWS_WITH(model.fit(row.xs, row.y, row.options), row.text);
    CHECK(flat(model) == before);
    CHECK(model.optimizer().steps() == 0);

    const DataLoader loader(train);
    CHECK_THROWS_WITH(model.fit(loader, {.validation_split = 0.1}),
                      "fit: expected validation_data beside a DataLoader, got validation_split 0.1");
    CHECK_THROWS_WITH(model.fit(loader, {.sample_weight = ones({120})}),
                      "fit: expected no weights beside a DataLoader, got sample_weight");
    CHECK_THROWS_WITH(model.fit(loader, {.class_weight = {{0, 2.0}}}),
                      "fit: expected no weights beside a DataLoader, got class_weight");
    CHECK_THROWS_WITH(model.fit(DataLoader({x, with(y, 7, 3)})), "fit: expected labels in [0, 3), got 3 in row 7");
    CHECK_THROWS_WITH(model.fit(DataLoader(train, {.batch_size = 121, .drop_remainder = true})),
                      "fit: expected at least one batch, got none");
    CHECK(flat(model) == before);
}

TEST_CASE("evaluate, predict and single batches refuse what does not fit", "[train]") {
    auto [train, test] = data::iris();
    const Tensor x = test.x, y = test.y, short_x = slice(x, 0, 3);
    Model model = small();
    CHECK_THROWS_WITH(model.evaluate(x, y, {.batch_size = 0}), "evaluate: expected batch_size > 0, got 0");
    CHECK_THROWS_WITH(model.evaluate(short_x, y), "evaluate: expected x and y of equal length, got (3, 4) and (30,)");
    CHECK_THROWS_WITH(model.evaluate(x, y + 3), ContainsSubstring("evaluate: expected labels in [0, 3), got "));
    CHECK_THROWS_WITH(model.predict(slice(x, 0, 0)), "predict: expected at least one row, got none");
    CHECK_THROWS_WITH(model.predict(x, {.batch_size = 0}), "predict: expected batch_size > 0, got 0");
    CHECK_THROWS_WITH(model.predict({x, short_x}),
                      "predict: expected x[0] and x[1] of equal length, got (30, 4) and (3, 4)");
    CHECK_THROWS_WITH(model.train_on_batch(short_x, y),
                      "train_on_batch: expected x and y of equal length, got (3, 4) and (30,)");
    CHECK_THROWS_WITH(model.train_on_batch(x, y, {.sample_weight = ones({3})}),
                      "train_on_batch: expected one sample_weight a row, 30, got (3,)");
    CHECK_THROWS_WITH(model.train_on_batch(x, reshape(x, {30, 4, 1}), {.class_weight = {{0, 1.0}}}),
                      "train_on_batch: expected one label a row for class_weight, got y (30, 4, 1)");
    CHECK_THROWS_WITH(model.test_on_batch(short_x, y),
                      "test_on_batch: expected x and y of equal length, got (3, 4) and (30,)");
    Model raw{Sequential{Dense(1)}};
    CHECK_THROWS_WITH(raw.fit(x, y), "fit: expected compile() before");
    CHECK_THROWS_WITH(raw.evaluate(x, y), "evaluate: expected compile() before");
    CHECK_THROWS_WITH(raw.train_on_batch(x, y), "train_on_batch: expected compile() before");
    CHECK_THROWS_WITH(raw.test_on_batch(x, y), "test_on_batch: expected compile() before");
    CHECK_THROWS_WITH(raw.compile({}), "compile: expected a loss, got none");
    CHECK_THROWS_WITH(raw.compile({.loss = "mse", .metrics = {"mae", "mae"}}),
                      "compile: expected metrics of different names, got \"mae\" twice");
}

TEST_CASE("a loss that is not finite stops training before it spoils the weights", "[train]") {
    Model model{Sequential{Dense(1, {.kernel_initializer = Ones()})}};
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const Tensor x = full({2, 1}, 1e30), y = zeros({2, 1});
    const std::string where =
        "; squared_error: expected finite values while Anomaly lives, got inf at (0, 0) of shape (2, 1)";
    CHECK_THROWS_WITH(model.fit(x, y, {.verbose = 0}),
                      "fit: expected a finite loss, got inf in batch 0 of epoch 0" + where);
    CHECK_THROWS_WITH(model.train_on_batch(x, y), "train_on_batch: expected a finite loss, got inf" + where);
    CHECK(flat(model) == std::vector<float>{1, 0});
}

TEST_CASE("single batches: the loss before a step, the weights after it", "[train]") {
    // y = w x from w = 0 on (1, 1), (2, 1): the cost's slope is -(1 + 2), so a step of 0.1 ends at w = 0.3.
    const auto line = [] {
        Model model{Sequential{Dense(1, {.use_bias = false, .kernel_initializer = Zeros()})}};
        model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse", .metrics = {"mae"}});
        return model;
    };
    const Tensor x = tensor({{1}, {2}}), y = ones({2, 1});
    Model model = line();
    const Logs first = model.train_on_batch(x, y);
    CHECK(first["loss"] == 1);
    CHECK(first["mae"] == 1);
    CHECK(flat(model)[0] == Approx(0.3));
    const Logs then = model.test_on_batch(x, y);
    CHECK(then["loss"] == Approx((0.49 + 0.16) / 2));
    CHECK(then["mae"] == Approx((0.7 + 0.4) / 2));
    CHECK(model.test_on_batch(x, y, tensor({0, 3}))["loss"] == Approx(3 * 0.16 / 2));
    CHECK(flat(model)[0] == Approx(0.3));
    const Tensor answers = model.predict_on_batch(x);
    CHECK(answers.shape() == Shape{2, 1});
    CHECK(answers(1, 0).item() == Approx(0.6));
    // Weights multiply: 2 x 3 for each row, so six times the slope.
    Model weighed = line();
    CHECK(weighed.train_on_batch(x, y, {.sample_weight = full({2}, 2.0), .class_weight = {{1, 3.0}}})["loss"] == 6);
    CHECK(flat(weighed)[0] == Approx(1.8));
}

TEST_CASE("the summary counts the optimizer's numbers once there are any", "[train]") {
    Model model{Sequential{Dense(3, relu), Dropout(0.1), Dense(1)}};
    const std::string unbuilt =
        "Model: \"Sequential\"\n"
        "┌──────────────┬──────────────┬─────────────┐\n"
        "│ Layer (type) │ Output Shape │     Param # │\n"
        "├──────────────┼──────────────┼─────────────┤\n"
        "│ 0 (Dense)    │ ?            │ 0 (unbuilt) │\n"
        "│ 1 (Dropout)  │ ?            │ 0 (unbuilt) │\n"
        "│ 2 (Dense)    │ ?            │ 0 (unbuilt) │\n"
        "└──────────────┴──────────────┴─────────────┘\n"
        " Total params: 0 (0.00 B)\n"
        " Trainable params: 0 (0.00 B)\n"
        " Non-trainable params: 0 (0.00 B)\n";
    CHECK(model.summary_text() == unbuilt);
    const std::string rows =
        "Model: \"Sequential\"\n"
        "┌──────────────┬──────────────┬─────────┐\n"
        "│ Layer (type) │ Output Shape │ Param # │\n"
        "├──────────────┼──────────────┼─────────┤\n"
        "│ 0 (Dense)    │ (None, 3)    │      18 │\n"
        "│ 1 (Dropout)  │ (None, 3)    │       0 │\n"
        "│ 2 (Dense)    │ (None, 1)    │       4 │\n"
        "└──────────────┴──────────────┴─────────┘\n";
    const Tensor x = ones({2, 5}), y = ones({2, 1});
    model.predict(x);
    CHECK(model.summary_text() == rows +
                                      " Total params: 22 (88.00 B)\n"
                                      " Trainable params: 22 (88.00 B)\n"
                                      " Non-trainable params: 0 (0.00 B)\n");
    model.module().children()[0].module->freeze();
    // Two moments of 4 numbers, the count of steps and the learning rate, as Keras counts Adam's.
    model.compile({.optimizer = "adam", .loss = "mse"});
    model.train_on_batch(x, y);
    CHECK(model.summary_text() == rows +
                                      " Total params: 32 (128.00 B)\n"
                                      " Trainable params: 4 (16.00 B)\n"
                                      " Non-trainable params: 18 (72.00 B)\n"
                                      " Optimizer params: 10 (40.00 B)\n");
    // A schedule is no number, and plain gradient descent keeps none.
    model.compile({.optimizer = SGD({.learning_rate = InverseTimeDecay({.initial_learning_rate = 1})}), .loss = "mse"});
    model.train_on_batch(x, y);
    CHECK_THAT(model.summary_text(), ContainsSubstring("Optimizer params: 1 (4.00 B)"));
}

TEST_CASE("weights travel by name", "[train]") {
    const std::string path = temporary("weights.safetensors");
    Model a = small(1), b = small(2);
    a.predict(ones({1, 4})), b.predict(ones({1, 4}));
    save_weights(a, path);
    CHECK(flat(a) != flat(b));
    const WeightsReport all_fit = load_weights(b, path);
    CHECK(all_fit.ok());
    CHECK(to_string(all_fit) == "all names fit");
    CHECK(flat(a) == flat(b));

    Model wider{Sequential{Dense(8), Dropout(0.1), Dense(2)}}, other{Sequential{{"in", Dense(8)}, {"2", Dense(3)}}};
    Model smaller{Sequential{Dense(8)}}, deeper{Sequential{Dense(8), Dropout(0.1), Dense(3), Dense(1)}};
    struct Row {
        Model* model;
        std::string report;
    };
    for (const auto& [model, report] :
         {Row{&wider, "of another shape: 2.kernel (expected (8, 2), got (8, 3)), 2.bias (expected (2,), got (3,))"},
          Row{&other, "missing: in.kernel, in.bias; unexpected: 0.bias, 0.kernel"},
          Row{&smaller, "unexpected: 2.bias, 2.kernel"}, Row{&deeper, "missing: 3.kernel, 3.bias"}}) {
        model->predict(ones({1, 4}));
        const auto before = flat(*model);
        CHECK_THROWS_WITH(load_weights(*model, path),
                          "load_weights: expected the names and shapes of the module, got " + report);
        CHECK(flat(*model) == before);
        CHECK(to_string(load_weights(*model, path, {.strict = false})) == report);
    }
    // Those that fit have been taken.
    const auto got = flat(wider), want = flat(a);
    CHECK(std::equal(want.begin(), want.begin() + 4 * 8 + 8, got.begin()));

    const auto before = flat(b);
    CHECK_THROWS_AS(load_weights(b, path + ".not"), FileError);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
    CHECK_THROWS_AS(load_weights(b, path), FileError);
    CHECK(flat(b) == before);
    std::filesystem::remove(path);
    Model fresh = small();
    CHECK_THROWS_WITH(save_weights(fresh, path),
                      "save_weights: expected a Sequential that is built, got one that has seen no input");
    CHECK(!std::filesystem::exists(path));
    save_weights(a, path);
    CHECK_THROWS_WITH(load_weights(fresh, path),
                      "load_weights: expected a Sequential that is built, got one that has seen no input");
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
