// Everything that can be seen of a run: watch FOLDER trains on digits, and writes what TensorBoard shows (tensorboard
// --logdir FOLDER/logs), pictures, and FOLDER/report.html, which needs no server. What was shown stands in
// FOLDER/shown.npz as well.
#include <xgrad.h>
#include <chrono>
#include <filesystem>
using namespace xg;

int main(int count, char** arguments) {
    const std::string folder = count > 1 ? arguments[1] : "watched", logs = folder + "/logs";
    std::filesystem::create_directories(folder);
    set_seed(1);
    auto [train, test] = data::digits();
    Model model{Sequential{{"hidden", Dense(32, relu)}, {"noise", Dropout(0.1)}, {"scores", Dense(10)}}};
    model.compile({.optimizer = Adam({.learning_rate = 3e-3}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    const auto began = std::chrono::steady_clock::now();
    const History history =
        model.fit(train.x, train.y,
                  {.epochs = 8,
                   .validation_data = test,
                   .callbacks = {ReduceLROnPlateau({.patience = 2}),
                                 TensorBoard(logs, {.histogram_freq = 1,
                                                    .write_images = true,
                                                    .write_steps_per_second = true,
                                                    .update_freq = 10,
                                                    .profile_first = 20,
                                                    .profile_last = 40}),
                                 CSVLogger(folder + "/history.csv"), JSONLogger(folder + "/history.jsonl")},
                   .verbose = 2});
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();

    // A writer of one's own beside the callback's.
    SummaryWriter writer(logs + "/looks");
    const Tensor pictures = reshape(slice(test.x, 0, 100), {100, 8, 8, 1}), grid = image_grid(pictures);
    const Tensor values = randn({1000}), constant = full({5}, 2.5);
    for (int step = 0; step < 3; ++step) {
        writer.scalar("square", step * step, step);
        writer.histogram("normal", values * (step + 1), step);
    }
    writer.scalar("not a number", NAN, 0);
    writer.histogram("constant", constant, 0);
    writer.image("digits", pictures, 0, 3);
    writer.image("grid", grid, 0);
    const Tensor logits = model.predict(test.x), matrix = confusion_matrix(test.y, logits);
    writer.text("notes", "A **network** of one hidden layer.\n\n* 32 units\n* dropout 0.1", 0);
    const Tensor scores = softmax(logits)(all, 3), threes = test.y == 3;
    writer.pr_curve("threes", threes, scores, 0, 101);
    std::vector<std::string> labels;
    for (std::int64_t i = 0; i < 100; ++i) labels.push_back(std::to_string(test.y(i).item<int>()));
    writer.embedding("scores", slice(logits, 0, 100), labels, pictures);
    writer.graph(model.module(), {slice(test.x, 0, 1)});
    for (const double rate : {0.1, 0.01, 0.001}) {  // a run each
        SummaryWriter run(fmt::format("{}/rate {}", logs, rate));
        run.hparams({{"learning_rate", rate}, {"optimizer", "adam"}, {"dropout", true}}, {"accuracy"});
        run.scalar("accuracy", 1 - rate, 0);
    }
    save_npz(folder + "/shown.npz", {{"values", values},
                                     {"constant", constant},
                                     {"grid", grid},
                                     {"pictures", pictures},
                                     {"scores", scores},
                                     {"threes", threes},
                                     {"logits", slice(logits, 0, 100)}});

    // And without a server.
    const Tensor cost = SparseCategoricalCrossentropy({.from_logits = true})(train.y, model(train.x));
    cost.backward();
    save_png(folder + "/digits.png", grid);
    const std::string confusion = confusion_svg(matrix), gradients = gradient_flow_svg(model.module());
    save_report(folder + "/report.html", history, model,
                {.title = "Digits", .seconds = seconds, .pictures = {confusion, gradients}});
    fmt::print("{0}/report.html; tensorboard --logdir {0}/logs\n", folder);
}
