#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
#include "terminal.h"
using namespace xg;

namespace {
/// A callback that plays a curve to those after it.
struct Play : Callback {
    std::string name;
    std::vector<double> curve;
    Play(std::string n, std::vector<double> c) : name(std::move(n)), curve(std::move(c)) {}
    void on_train_begin(Fit& fit) override { fit.names.push_back(name); }
    void on_epoch_end(Fit& fit) override { fit.logs.set(name, curve.at(std::size_t(fit.epoch))); }
};
Model small() {
    set_seed(0);
    Model model{Sequential{Dense(1)}};
    model.compile({.optimizer = SGD({.learning_rate = 0.1}), .loss = "mse", .metrics = {"accuracy", "mae", "mean"}});
    return model;
}
const Tensor x = ones({2, 3}), y = tensor({{0}, {1}});
std::vector<float> first_weights(Model& model) {
    const Tensor k = model.parameters()[0];
    return {k.raw<float>(), k.raw<float>() + k.numel()};
}
}  // namespace

TEST_CASE("early stopping counts as Keras does", "[train]") {
    struct Row {
        const char* name;
        std::vector<double> curve;
        EarlyStoppingOptions options;
        int stopped, best;  // epochs from 0; -1: it ran to the end
    };
    const auto row = GENERATE(values<Row>({
        // Worked out from Keras' rule: an epoch that does not improve on the best one is waited for.
        {"val_loss", {5, 4, 3, 3, 3, 3, 3}, {.patience = 2}, 4, 2},
        {"val_loss", {5, 4, 3, 2, 1, 0, -1}, {.patience = 2}, -1, 6},
        {"val_loss", {5, 5, 5, 5}, {.patience = 0}, 1, 0},  // 0 is as 1, and never at the first epoch
        {"val_loss", {5, 5, 5, 5}, {.patience = 1}, 1, 0},
        {"val_loss", {5, 4, 5, 3, 5, 5}, {.patience = 2}, 5, 3},  // a better one ends the wait
        {"val_loss", {5, 4, 4, 4, 4}, {.patience = 9}, -1, 1},
        // min_delta: better by more than that, whatever its sign.
        {"val_loss", {5, 4.75, 4.5, 4.25, 1}, {.min_delta = 0.5, .patience = 2}, 2, 0},
        {"val_loss", {5, 4.75, 4.25, 4, 3.75, 3.5}, {.min_delta = -0.5, .patience = 3}, -1, 5},
        {"val_loss", {5, 4.75, 4.25, 4, 3.75}, {.min_delta = -0.5, .patience = 2}, 4, 2},
        {"val_loss", {5, 4.5, 4.5}, {.min_delta = 0.5, .patience = 2}, 2, 0},
        // mode.
        {"played", {1, 2, 3, 2, 2, 2, 9}, {.patience = 3, .mode = "max"}, 5, 2},
        {"played", {1, 1.25, 2, 2.25, 2.5}, {.min_delta = 0.5, .patience = 2, .mode = "max"}, 4, 2},
        {"played", {3, 2, 3, 3}, {.patience = 2, .mode = "min"}, 3, 1},
        {"val_accuracy", {0.1, 0.3, 0.2, 0.2}, {.patience = 2}, 3, 1},
        {"accuracy", {0.1, 0.3, 0.2, 0.2}, {.patience = 2, .mode = "min"}, 2, 0},
        {"val_mae", {3, 2, 3, 3}, {.patience = 2}, 3, 1},
        {"loss", {3, 2, 3, 3}, {.patience = 2}, 3, 1},
        // baseline: an epoch that improves without beating it is waited for, but does not stop the training.
        {"val_loss", {5, 4, 3, 2, 2, 2}, {.patience = 3, .baseline = 1}, 4, 3},
        {"val_loss", {5, 4, 3, 2, 1.5, 1.25}, {.patience = 3, .baseline = 1}, -1, 5},
        {"val_loss", {5, 0.5, 0.6, 0.6, 0.6}, {.patience = 2, .baseline = 1}, 3, 1},
        {"val_loss", {5, 5}, {.patience = 1, .baseline = 1}, 1, 0},
        {"val_loss", {5, 0.75, 0.75, 0.75}, {.min_delta = 0.5, .patience = 1, .baseline = 1}, 2, 1},
        {"val_accuracy", {0.1, 0.2, 0.2, 0.2}, {.patience = 2, .baseline = 0.5}, 2, 1},
        // start_from_epoch: those before are not looked at.
        {"val_loss", {1, 9, 9, 8, 7, 7, 7}, {.patience = 2, .start_from_epoch = 2}, 6, 4},
        {"val_loss", {1, 2, 3, 4, 4, 4}, {.patience = 0, .start_from_epoch = 3}, 4, 3},
        {"val_loss", {1, 2, 3}, {.patience = 0, .start_from_epoch = 3}, -1, -1},
        // NaN never improves. Here we differ: in Keras one at the first epoch stays the best.
        {"val_loss", {NAN, 5, 4, 6, 6}, {.patience = 2}, 4, 2},
        {"val_loss", {5, NAN, NAN, 4}, {.patience = 2}, 2, 0},
        // Printed by Keras 3.15: tests/golden/training.json, iris_mlp_callbacks.
        {"val_loss",
         {0.418864, 0.271757, 0.221142, 0.161912, 0.127941, 0.096173, 0.088536, 0.083852, 0.085102, 0.081321, 0.080779,
          0.079116, 0.078943, 0.077889, 0.075314, 0.078106, 0.076805, 0.073997, 0.07536,  0.076596, 0.076626},
         {.min_delta = 0.002, .patience = 6},
         20,
         14},
    }));
    EarlyStoppingOptions options = row.options;
    options.monitor = row.name;
    EarlyStopping stop(options);
    Model model = small();
    const History h = model.fit(x, y,
                                {.epochs = int(row.curve.size()),
                                 .validation_data = {x, y},
                                 .callbacks = {Play(row.name, row.curve), stop},
                                 .verbose = 0});
    INFO(row.name << " " << Catch::Detail::stringify(row.curve) << ", patience " << row.options.patience);
    CHECK(stop.stopped_epoch() == row.stopped);
    CHECK(stop.best_epoch() == row.best);
    CHECK(h.epochs() == (row.stopped < 0 ? row.curve.size() : std::size_t(row.stopped) + 1));
}

TEST_CASE("the best weights come back whether training stopped or not", "[train]") {
    struct Keep : Callback {
        std::vector<std::vector<float>> kernels;
        void on_epoch_end(Fit& fit) override { kernels.push_back(first_weights(fit.model)); }
    } keep;
    const int patience = GENERATE(2, 9);
    const bool restore = GENERATE(true, false);
    Model model = small();
    const std::string text = test::shown(test::no_terminal, [&] {
        model.fit(x, y,
                  {.epochs = 5,
                   .callbacks = {Play("played", {3, 1, 2, 2, 2}), keep,
                                 EarlyStopping({.monitor = "played",
                                                .patience = patience,
                                                .verbose = 1,
                                                .mode = "min",
                                                .restore_best_weights = restore})},
                   .verbose = 0});
    });
    CHECK(keep.kernels.size() == (patience == 2 ? 4 : 5));
    CHECK(first_weights(model) == (restore ? keep.kernels[1] : keep.kernels.back()));
    CHECK(keep.kernels[1] != keep.kernels.back());
    CHECK(text == std::string(patience == 2 ? "Epoch 4: early stopping\n" : "") +
                      (restore ? "Restoring model weights from the end of the best epoch: 2.\n" : ""));
}

TEST_CASE("early stopping refuses what it cannot follow", "[train]") {
    Model model = small();
    const auto fit = [&](EarlyStoppingOptions o) {
        model.fit(x, y, {.callbacks = {EarlyStopping(std::move(o))}, .verbose = 0});
    };
    CHECK_THROWS_WITH(fit({}),
                      "EarlyStopping: expected a monitor of loss, accuracy, mae, mean, got "
                      "\"val_loss\"");
    CHECK_THROWS_WITH(fit({.monitor = "mean"}),
                      "EarlyStopping: expected mode min or max for \"mean\", which may be either, got auto");
    CHECK_THROWS_WITH(fit({.monitor = "loss", .mode = "up"}), "EarlyStopping: expected mode auto, min or max, got up");
    CHECK_THROWS_WITH(fit({.monitor = "loss", .patience = -1}), "EarlyStopping: expected patience >= 0, got -1");
    CHECK_THROWS_WITH(fit({.monitor = "loss", .start_from_epoch = -1}),
                      "EarlyStopping: expected start_from_epoch >= 0, got -1");
}
