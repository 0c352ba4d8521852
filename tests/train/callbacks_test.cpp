#include <unistd.h>
#include <cmath>
#include <filesystem>
#include "../../io/bytes.h"
#include "../../xgrad.h"
#include "../catch.h"
#include "terminal.h"
using namespace xg;
namespace fs = std::filesystem;

namespace {
const Tensor x = ones({4, 3}), y = tensor({{0}, {1}, {1}, {1}});
Model small(double rate = 0.1) {
    set_seed(0);
    Model model{Sequential{Dense(1)}};
    model.compile({.optimizer = SGD({.learning_rate = rate}), .loss = "mse", .metrics = {"mae"}});
    return model;
}
/// A callback that plays a curve to those after it.
struct Play : Callback {
    std::string name;
    std::vector<double> curve;
    Play(std::string n, std::vector<double> c) : name(std::move(n)), curve(std::move(c)) {}
    void on_train_begin(Fit& fit) override { fit.names.push_back(name); }
    void on_epoch_end(Fit& fit) override { fit.logs.set(name, curve.at(std::size_t(fit.epoch))); }
};
std::string temporary(const std::string& name) {
    const fs::path path = fs::temp_directory_path() / ("xgrad_callbacks_" + name);
    fs::remove_all(path);
    return path.string();
}
std::string shown(Model& model, FitOptions options) {
    options.verbose = 0;
    return test::shown(test::no_terminal, [&] { model.fit(x, y, options); });
}
}  // namespace

TEST_CASE("the hooks come in Keras' order, with its numbers", "[train][callbacks]") {
    std::string seen;
    const auto note = [&](const char* what) {
        return [&seen, what](Fit& fit) { seen += fmt::format("{}{}.{} ", what, fit.epoch, fit.batch); };
    };
    Model model = small();
    model.fit(x, y,
              {.epochs = 3,
               .batch_size = 2,
               .callbacks = {LambdaCallback({.on_train_begin = note("T"),
                                             .on_train_end = note("t"),
                                             .on_epoch_begin = note("E"),
                                             .on_epoch_end = note("e"),
                                             .on_batch_begin = note("B"),
                                             .on_batch_end = note("b")})},
               .verbose = 0,
               .initial_epoch = 1});
    CHECK(seen == "T1.0 E1.0 B1.0 b1.0 B1.1 b1.1 e1.2 E2.0 B2.0 b2.0 B2.1 b2.1 e2.2 t3.0 ");
    // What a callback adds is seen by those after it, History last; stop ends the epoch after the batch, as in Keras.
    Model stopped = small();
    const History h =
        stopped.fit(x, y,
                    {.epochs = 9,
                     .batch_size = 1,
                     .callbacks = {LambdaCallback({.on_epoch_end = [](Fit& f) { f.logs.set("extra", f.epoch); },
                                                   .on_batch_end = [](Fit& f) { f.stop = f.batch == 1; }})},
                     .verbose = 0});
    CHECK(h.epochs() == 1);
    CHECK(h["extra"] == std::vector<double>{0});
    CHECK(stopped.optimizer().steps() == 2);
}

TEST_CASE("ReduceLROnPlateau counts as Keras does", "[train][callbacks]") {
    struct Row {
        std::vector<double> curve;
        ReduceLROnPlateauOptions options;
        std::vector<double> rates;  // at the end of each epoch, before what that epoch changes
    };
    // Worked out from Keras' rule: cuts after `patience` epochs without improvement; a constant loss with patience 2 is
    // cut at the epochs 3, 5 and 7.
    for (const auto& row : {
             Row{{5, 5, 5, 5, 5, 5, 5, 5}, {.patience = 2}, {1, 1, 1, .1, .1, .01, .01, .001}},
             Row{{5, 5, 5, 5}, {.patience = 1}, {1, 1, .1, .01}}, Row{{5, 5, 5}, {.patience = 0}, {1, 1, .1}},
             Row{{5, 4, 4, 3, 3, 3}, {.factor = .5, .patience = 2}, {1, 1, 1, 1, 1, 1}},
             Row{{5, 4.99995, 4.99995}, {.patience = 1}, {1, 1, .1}},  // min_delta is absolute
             Row{{5, 5, 5, 5, 5, 5}, {.patience = 1, .cooldown = 2}, {1, 1, .1, .1, .01, .01}},
             Row{{5, 5, 5, 5}, {.patience = 1, .min_lr = 0.05}, {1, 1, .1, .05}},
             Row{{5, 6, 7, 7}, {.patience = 1, .mode = "max"}, {1, 1, 1, 1}},
             Row{{NAN, NAN, 5, 5}, {.patience = 1}, {1, .1, .01, .01}},  // NaN never improves, the first neither
         }) {
        auto options = row.options;
        options.monitor = "played";
        if (options.mode == "auto") options.mode = "min";
        Model model = small(1);
        const History h = model.fit(x, y,
                                    {.epochs = int(row.curve.size()),
                                     .callbacks = {Play("played", row.curve), ReduceLROnPlateau(options)},
                                     .verbose = 0});
        INFO(Catch::Detail::stringify(row.curve));
        REQUIRE(h["learning_rate"].size() == row.rates.size());
        for (std::size_t e = 0; e < row.rates.size(); ++e) CHECK(h["learning_rate"][e] == Approx(row.rates[e]));
    }
    Model model = small(0.5);
    CHECK(
        shown(model,
              {.epochs = 2,
               .callbacks = {Play("played", {1, 1}),
                             ReduceLROnPlateau(
                                 {.monitor = "played", .factor = 0.5, .patience = 1, .verbose = 1, .mode = "min"})}}) ==
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.25.\n");
    CHECK_THROWS_WITH(ReduceLROnPlateau({.factor = 1}), "ReduceLROnPlateau: expected 0 < factor < 1, got 1");
    CHECK_THROWS_WITH(ReduceLROnPlateau({.patience = -1}),
                      "ReduceLROnPlateau: expected patience >= 0 and cooldown >= 0, got -1 and 0");
    CHECK_THROWS_WITH(model.fit(x, y, {.callbacks = {ReduceLROnPlateau({.monitor = "los"})}}),
                      "ReduceLROnPlateau: expected a monitor of loss, mae, got \"los\"");
    // It scales a schedule's rates as well.
    Model scheduled{Sequential{Dense(1)}};
    scheduled.compile(
        {.optimizer =
             SGD({.learning_rate = InverseTimeDecay({.initial_learning_rate = 1, .decay_steps = 1, .decay_rate = 1})}),
         .loss = "mse"});
    const History h =
        scheduled.fit(x, y,
                      {.epochs = 3,
                       .callbacks = {Play("played", {1, 1, 1}),
                                     ReduceLROnPlateau({.monitor = "played", .patience = 1, .mode = "min"})},
                       .verbose = 0});
    CHECK(h["learning_rate"][2] == Approx(0.1 / 4));  // 1 / (1 + 3 steps), cut once
}

TEST_CASE("LearningRateScheduler sets the rate at the begin of each epoch", "[train][callbacks]") {
    Model model = small(1);
    const auto halve = [](int epoch, double rate) { return epoch < 2 ? rate : rate / 2; };
    const History h = model.fit(x, y, {.epochs = 4, .callbacks = {LearningRateScheduler(halve)}, .verbose = 0});
    CHECK(h["learning_rate"] == std::vector<double>{1, 1, 0.5, 0.25});
    CHECK(shown(model, {.callbacks = {LearningRateScheduler([](int, double) { return 0.5; }, {.verbose = 1})}}) ==
          "\nEpoch 1: LearningRateScheduler setting learning rate to 0.5.\n");
    CHECK_THROWS_WITH(model.fit(x, y, {.callbacks = {LearningRateScheduler([](int, double) { return NAN; })}}),
                      "LearningRateScheduler: expected a finite rate for epoch 0, got nan");
    // Together with a plateau: the rate is what the schedule says, whatever was scaled before.
    Model both = small(1);
    const History two =
        both.fit(x, y,
                 {.epochs = 3,
                  .callbacks = {Play("played", {1, 1, 1}), LearningRateScheduler([](int, double rate) { return rate; }),
                                ReduceLROnPlateau({.monitor = "played", .patience = 1, .mode = "min"})},
                  .verbose = 0});
    CHECK(two["learning_rate"][2] == Approx(0.1));
}

TEST_CASE("ModelCheckpoint names files as Keras does and keeps what it is told to", "[train][callbacks]") {
    const std::string folder = temporary("checkpoint");
    const auto files = [&] {
        std::vector<std::string> names;
        for (auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
        std::ranges::sort(names);
        fs::remove_all(folder);
        return names;
    };
    using Names = std::vector<std::string>;
    const auto run = [&](ModelCheckpointOptions o, const std::string& form = "{epoch:02d}-{played:.2f}") {
        o.monitor = "played", o.mode = "min";
        Model model = small();
        return shown(model, {.epochs = 4,
                             .batch_size = 2,
                             .callbacks = {Play("played", {3, 1.5, NAN, 1}),
                                           ModelCheckpoint(folder + "/" + form + ".safetensors", o)}});
    };
    CHECK(run({}) == "");
    CHECK(files() == Names{"01-3.00.safetensors", "02-1.50.safetensors", "03-nan.safetensors", "04-1.00.safetensors"});
    const std::string said = run({.verbose = 1, .save_best_only = true});
    CHECK(files() == Names{"01-3.00.safetensors", "02-1.50.safetensors", "04-1.00.safetensors"});
    CHECK(said ==
          fmt::format("\nEpoch 1: played improved from inf to 3.00000, saving model to {0}/01-3.00.safetensors\n"
                      "\nEpoch 2: played improved from 3.00000 to 1.50000, saving model to {0}/02-1.50.safetensors\n"
                      "\nEpoch 3: played did not improve from 1.50000\n"
                      "\nEpoch 4: played improved from 1.50000 to 1.00000, saving model to {0}/04-1.00.safetensors\n",
                      folder));
    run({.save_best_only = true, .initial_value_threshold = 1.2});
    CHECK(files() == Names{"04-1.00.safetensors"});
    run({.keep = 2});
    CHECK(files() == Names{"03-nan.safetensors", "04-1.00.safetensors"});
    // Batches are counted across epochs: 8 of them, so the 3rd and the 6th.
    run({.save_freq = 3}, "{epoch}-{batch}");
    CHECK(files() == Names{"2-1.safetensors", "3-2.safetensors"});
    run({.keep = 1}, "latest");
    CHECK(files() == Names{"latest.safetensors"});

    Model model = small();
    const auto fit = [&](ModelCheckpoint c) { model.fit(x, y, {.callbacks = {std::move(c)}, .verbose = 0}); };
    CHECK_THROWS_WITH(fit(ModelCheckpoint("{val_loss}.safetensors")),
                      "ModelCheckpoint: expected a path with fields of epoch, batch, loss, mae, got "
                      "\"{val_loss}.safetensors\"");
    for (const auto& [path, weights] : {std::pair("w.xgrad", true), std::pair("w.safetensors", false)})
        CHECK_THROWS_WITH(fit(ModelCheckpoint(path, {.save_weights_only = weights})),
                          fmt::format("ModelCheckpoint: expected a path that ends with .safetensors if and only if "
                                      "weights alone are saved, got \"{}\"",
                                      path));
    CHECK_THROWS_WITH(fit(ModelCheckpoint("w.safetensors", {.save_best_only = true})),
                      "ModelCheckpoint: expected a monitor of loss, mae, got \"val_loss\"");
    CHECK_THROWS_WITH(fit(ModelCheckpoint("w.safetensors", {.save_freq = -1})),
                      "ModelCheckpoint: expected save_freq >= 0 and keep >= 0, got -1 and 0");
    CHECK_THROWS_AS(fit(ModelCheckpoint("/proc/no/w.safetensors")), FileError);
    CHECK_THROWS_WITH(
        model.fit(x, y,
                  {.validation_data = {x, y},
                   .callbacks = {ModelCheckpoint("w.safetensors", {.save_best_only = true, .save_freq = 2})},
                   .verbose = 0}),
        "ModelCheckpoint: expected a monitor that each batch has, got \"val_loss\"");
    // What was written is what the model had.
    const std::string path = folder + "/w.safetensors";
    fit(ModelCheckpoint(path));
    const auto before = model.predict(x);
    model.set_weights({zeros({3, 1}), zeros({1})});
    load_weights(model, path);
    CHECK(all(model.predict(x) == before).item<bool>());
    // A whole model goes on where it was saved, with its optimizer.
    Model whole{Sequential{Dense(4, tanh), Dense(1)}};
    whole.compile({.optimizer = Adam({.learning_rate = 0.1}), .loss = "mse", .metrics = {"mae"}});
    whole.fit(x, y, {.epochs = 3, .callbacks = {ModelCheckpoint(folder + "/{epoch}.xgrad")}, .verbose = 0});
    Model second = load_model(folder + "/2.xgrad");
    CHECK(second.optimizer().steps() == whole.optimizer().steps() / 3 * 2);
    second.fit(x, y, {.epochs = 3, .verbose = 0, .initial_epoch = 2});
    CHECK(all(second.predict(x) == whole.predict(x)).item<bool>());
    fs::remove_all(folder);
}

TEST_CASE("TerminateOnNaN ends the training without an error, and no weight moves", "[train][callbacks]") {
    Model model{Sequential{Dense(1, {.kernel_initializer = Ones()})}};
    model.compile({.optimizer = "sgd", .loss = "mse"});
    const Tensor big = concatenate({ones({2, 3}), full({2, 3}, 1e30)});
    const auto kernel = [&] { return model.parameters()[0](0, 0).item<float>(); };
    History h;
    const std::string said = test::shown(test::no_terminal, [&] {
        h = model.fit(big, zeros({4, 1}),
                      {.epochs = 5, .batch_size = 2, .shuffle = false, .callbacks = {TerminateOnNaN()}, .verbose = 0});
    });
    CHECK(said == "Batch 1: Invalid loss, terminating training\n");
    CHECK(h.epochs() == 1);
    CHECK(!std::isfinite(h["loss"][0]));
    CHECK(kernel() < 1);
    CHECK(std::isfinite(kernel()));
    CHECK(model.optimizer().steps() == 1);
    CHECK_THROWS_AS(model.fit(big, zeros({4, 1}), {.callbacks = {TerminateOnNaN({.raise_error = true})}, .verbose = 0}),
                    std::domain_error);
}

TEST_CASE("a gradient that is not finite is reported with its batch and parameters", "[train]") {
    // The loss of 0 is finite, and its slope is not.
    const auto spoilt = [](const Tensor&, const Tensor& p) { return mean(sqrt(square(p)), -1); };
    const Tensor rows = concatenate({ones({2, 3}), zeros({2, 3})}), targets = zeros({4, 1});
    const FitOptions options{.batch_size = 2, .shuffle = false, .verbose = 0};
    for (const char* optimizer : {"sgd", "adam", "rmsprop", "adagrad"}) {
        INFO(optimizer);
        Model model{Sequential{{"first", Dense(2, {.use_bias = false, .kernel_initializer = Ones()})},
                               {"last", Dense(1, {.use_bias = false, .kernel_initializer = Ones()})}}};
        model.compile({.optimizer = optimizer, .loss = spoilt});
        CHECK_THROWS_WITH(model.fit(rows, targets, options),
                          ContainsSubstring("fit: expected finite gradients, got NaN or infinity in that of ") &&
                              ContainsSubstring("first.kernel") && ContainsSubstring("in batch 1 of epoch 0; "));
        for (const Tensor& p : model.parameters()) CHECK(!p.grad().defined());
        const Anomaly guard;
        model.compile({.optimizer = optimizer, .loss = spoilt});  // its moments are spoilt too
        model.set_weights({ones({3, 2}), ones({2, 1})});
        CHECK_THROWS_WITH(model.fit(rows, targets, options), ContainsSubstring("sqrt"));
    }
    // An optimizer that does not look lets the epoch's end or the next loss find out.
    Model model{Sequential{{"dense", Dense(1, {.use_bias = false, .kernel_initializer = Zeros()})}}};
    struct Blind : SGD {
        using SGD::SGD;
        void update(const Move& move) override {
            Move other = move;
            other.suspicious = nullptr;
            SGD::update(other);
        }
    };
    model.compile({.optimizer = Blind(SGDOptions{}), .loss = spoilt});
    CHECK_THROWS_WITH(model.fit(x, y, {.verbose = 0}),
                      "fit: expected finite weights, got NaN or infinity in dense.kernel after epoch 0");
    model.set_weights({zeros({3, 1})});
    CHECK_THROWS_WITH(model.fit(x, y, {.batch_size = 2, .verbose = 0}),
                      "fit: expected a finite loss, got nan in batch 1 of epoch 0; dense.kernel held NaN or infinity "
                      "before it");
}

TEST_CASE("parameters that no gradient reaches are named once", "[train]") {
    struct Forgetful : Module {
        Dense& used = child("used", Dense(1));
        Dense& forgotten = child("forgotten", Dense(1));
        Tensor forward(const Tensor& in) override {
            forgotten(in);
            return used(in);
        }
    };
    Model model{Forgetful()};
    model.compile({.loss = "mse"});
    const int out = ::dup(STDOUT_FILENO), error = ::dup(STDERR_FILENO);
    const std::string said = test::shown(test::no_terminal, [&] {
        std::fflush(stderr);
        ::dup2(STDOUT_FILENO, STDERR_FILENO);
        model.fit(x, y, {.epochs = 3, .verbose = 0});
        ::dup2(error, STDERR_FILENO);
    });
    ::close(out), ::close(error);
    CHECK(said ==
          "fit: no gradient reaches forgotten.kernel, forgotten.bias: never trained; freeze() says that it is meant\n");
    model.module().children()[1].module->freeze();
    CHECK(shown(model, {}) == "");
}

TEST_CASE("a model whose optimizer averages ends with the averages, as in Keras", "[train][callbacks]") {
    // w = 1, 2, 3 after each step; the averages with momentum 1/2: 1, 1.5, 2.25.
    Model model{Sequential{Dense(1, {.use_bias = false, .kernel_initializer = Zeros()})}};
    model.compile({.optimizer = SGD({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5}),
                   .loss = [](const Tensor&, const Tensor& p) { return -p; }});
    const Tensor one = ones({1, 1});
    std::vector<double> seen;
    const auto weight = [](Model& m) { return double(m.parameters()[0](0, 0).item<float>()); };
    model.fit(one, one,
              {.epochs = 3,
               .callbacks = {LambdaCallback({.on_train_end = [&](Fit& fit) { seen.push_back(weight(fit.model)); },
                                             .on_epoch_end = [&](Fit& fit) { seen.push_back(weight(fit.model)); }})},
               .verbose = 0});
    CHECK(seen == std::vector<double>{1, 2, 3, 2.25});
    CHECK(weight(model) == 2.25);
}

TEST_CASE("SwapEMAWeights validates with the averages and leaves them in the model", "[train][callbacks]") {
    // w = 1, 2, 3, ... after each step; the averages with momentum 1/2: 1, 1.5, 2.25.
    const auto run = [&](bool on_epoch, std::vector<double>& at_end, std::vector<double>& validated) {
        Model model{Sequential{Dense(1, {.use_bias = false, .kernel_initializer = Zeros()})}};
        model.compile({.optimizer = SGD({.learning_rate = 1, .use_ema = true, .ema_momentum = 0.5}),
                       .loss = [](const Tensor&, const Tensor& p) { return -p; }});
        const auto weight = [](Model& m) { return double(m.parameters()[0](0, 0).item<float>()); };
        const Tensor one = ones({1, 1});
        const History h = model.fit(
            one, one,
            {.epochs = 3,
             .validation_data = {one, one},
             .callbacks = {SwapEMAWeights({.swap_on_epoch = on_epoch}),
                           LambdaCallback({.on_epoch_end = [&](Fit& fit) { at_end.push_back(weight(fit.model)); }})},
             .verbose = 0});
        for (const double v : h["val_loss"]) validated.push_back(-v);
        return weight(model);
    };
    using Values = std::vector<double>;
    Values at_end, validated;
    CHECK(run(false, at_end, validated) == 2.25);
    CHECK(at_end == Values{1, 2, 3});
    CHECK(validated == Values{1, 1.5, 2.25});
    at_end.clear(), validated.clear();
    CHECK(run(true, at_end, validated) == 2.25);
    CHECK(at_end == Values{1, 1.5, 2.25});
    CHECK(validated == Values{1, 1.5, 2.25});
    Model model = small();
    CHECK_THROWS_WITH(model.fit(x, y, {.callbacks = {SwapEMAWeights()}, .verbose = 0}),
                      "SwapEMAWeights: expected an optimizer with use_ema, got one without");
}

TEST_CASE("callbacks are made from their names and settings", "[train][callbacks]") {
    Model model = small();
    const auto made = [](const char* name, const char* settings) {
        return make_callback(name, Config::parse(settings));
    };
    const History history =
        model.fit(x, y,
                  {.epochs = 6,
                   .callbacks = {Play("level", {5, 4, 4, 4, 4, 4}),
                                 made("ReduceLROnPlateau", R"({"monitor": "level", "mode": "min", "patience": 2})"),
                                 made("EarlyStopping", R"({"monitor": "level", "mode": "min", "patience": 3})"),
                                 made("TerminateOnNaN", "{}")},
                   .verbose = 0});
    CHECK(history["level"] == std::vector<double>{5, 4, 4, 4, 4});
    CHECK(history["learning_rate"].back() == Approx(0.01));
    const History scheduled = model.fit(x, y,
                                        {.epochs = 3,
                                         .callbacks = {made("LearningRateScheduler",
                                                            R"({"schedule": {"class_name": "ExponentialDecay", "config":
                                {"initial_learning_rate": 0.4, "decay_steps": 1, "decay_rate": 0.5}}})")},
                                         .verbose = 0});
    CHECK(scheduled["learning_rate"] == std::vector<double>{0.4, 0.2, 0.1});
    CHECK_THROWS_WITH(made("LearningRateScheduler", "{}"), "LearningRateScheduler: expected a schedule, got none");
    CHECK_THROWS_WITH(made("EarlyStopping", R"({"patients": 2})"),
                      "EarlyStopping: expected a known setting, got \"patients\"");
    CHECK_THROWS_WITH(made("Earlystopping", "{}"),
                      "make_callback: expected one of EarlyStopping, LearningRateScheduler, ReduceLROnPlateau, "
                      "RemoteMonitor, SwapEMAWeights, TerminateOnNaN, got \"Earlystopping\"");
}
