#include <csignal>
#include <filesystem>
#include <fstream>
#include "../../io/bytes.h"
#include "../../io/folder_lock.h"
#include "../../io/state.h"
#include "../../xgrad.h"
#include "../catch.h"
#include "../faults.h"
using namespace xg;
namespace fs = std::filesystem;

namespace {
std::string temporary(const std::string& name) {
    const fs::path path = fs::temp_directory_path() / ("xgrad_resume_" + name);
    fs::remove_all(path);
    return path.string();
}
/// A crash after so many batches of this process.
struct Crash : Callback {
    int left;
    explicit Crash(int batches) : left(batches) {}
    void on_batch_end(Fit&) override {
        if (--left == 0) throw std::runtime_error("crash");
    }
};
struct Outcome {
    std::vector<float> weights;
    std::vector<std::vector<double>> curves;
    std::string csv;
    int best_epoch = -1;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};
/// Everything that a run depends on: dropout from both kinds of streams, slots, averages, accumulated gradients, a
/// rate that two hands change, weights to come back to, a file that grows.
Outcome run(const std::string& folder, int crash_after = 0, BackupAndRestoreOptions backup = {.save_freq = 1}) {
    set_seed(3);
    const auto [train, test] = standardise(data::iris());
    Model model{Sequential{Dense(6, tanh), Dropout(0.2), Dropout({.rate = 0.1, .seed = 4}), Dense(3)}};
    model.compile({.optimizer = Adam({.learning_rate = InverseTimeDecay({.initial_learning_rate = 0.05}),
                                      .amsgrad = true,
                                      .use_ema = true,
                                      .gradient_accumulation_steps = 2}),
                   .loss = SparseCategoricalCrossentropy({.from_logits = true}),
                   .metrics = {"accuracy"}});
    EarlyStopping stopping({.monitor = "val_accuracy", .patience = 9, .restore_best_weights = true});
    const std::string csv = folder + ".csv";
    const History h = model.fit(train.x, train.y,
                                {.epochs = 3,
                                 .batch_size = 35,
                                 .validation_data = test,
                                 .callbacks = {stopping, CSVLogger(csv), ReduceLROnPlateau({.patience = 1}),
                                               BackupAndRestore(folder, backup), Crash(crash_after)},
                                 .verbose = 0});
    Outcome out{{}, {}, read_file(csv), stopping.best_epoch()};
    for (const Tensor& w : model.weights())
        out.weights.insert(out.weights.end(), w.raw<float>(), w.raw<float>() + w.numel());
    for (auto& [name, curve] : h) out.curves.push_back(curve);
    return out;
}
std::vector<fs::path> checkpoints(const std::string& folder) {
    std::vector<fs::path> found;
    for (auto& entry : fs::directory_iterator(folder))
        if (entry.path().filename().string().starts_with("backup-")) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}
void flip(const fs::path& path, std::int64_t at) {
    std::string bytes = read_file(path);
    bytes[std::size_t(at)] = char(bytes[std::size_t(at)] ^ 0x10);
    std::ofstream(path, std::ios::binary) << bytes;
}
}  // namespace

TEST_CASE("a run goes on where it crashed, to the bit, in files as in weights", "[train][resume]") {
    const Outcome whole = run(temporary("whole"));
    const int freq = GENERATE(1, 3, 0);
    for (int batch = 1; batch <= 12; ++batch) {
        const std::string folder = temporary("crashed");
        set_num_threads(1 + batch % 3);
        CHECK_THROWS_WITH(run(folder, batch, {.save_freq = freq}), "crash");
        set_num_threads(2);
        INFO("crashed after batch " << batch << ", saved every " << freq);
        CHECK(run(folder, 0, {.save_freq = freq}) == whole);
        CHECK(!fs::exists(folder));  // it has ended as planned
    }
    // Crash after crash.
    const std::string folder = temporary("crashes");
    for (int n = 1; n <= 5; ++n) CHECK_THROWS_WITH(run(folder, 2), "crash");
    CHECK(run(folder, 0, {.save_freq = 1, .delete_checkpoint = false}) == whole);
    CHECK(checkpoints(folder).size() == 2);
    CHECK(run(folder) == whole);  // had ended, and ends again
}

TEST_CASE("a damaged checkpoint is set aside, and the one before it taken", "[train][resume]") {
    const Outcome whole = run(temporary("whole"));
    const std::string folder = temporary("damaged");
    for (const bool cut : {true, false}) {
        CHECK_THROWS_WITH(run(folder, 5), "crash");
        const auto newest = checkpoints(folder).back();
        if (cut) fs::resize_file(newest, fs::file_size(newest) / 2);
        else flip(newest, std::int64_t(fs::file_size(newest)) - 9);
        CHECK(run(folder, 0, {.save_freq = 1, .delete_checkpoint = false}) == whole);
        CHECK(fs::exists(newest.string() + ".damaged"));
        fs::remove_all(folder);
    }
    CHECK_THROWS_WITH(run(folder, 5), "crash");
    for (auto& path : checkpoints(folder)) flip(path, 0);
    CHECK_THROWS_WITH(run(folder), folder +
                                       ": BackupAndRestore: expected a checkpoint, got damaged ones only; empty the "
                                       "folder to begin anew");
    fs::remove_all(folder);
}

TEST_CASE("a checkpoint of another run is refused", "[train][resume]") {
    const std::string folder = temporary("other");
    const Tensor x = ones({8, 2}), y = ones({8, 1});
    const auto fit = [&](std::int64_t units, std::int64_t batch_size) {
        Model model{Sequential{Dense(units), Dense(1)}};
        model.compile({.loss = "mse"});
        model.fit(x, y,
                  {.batch_size = batch_size,
                   .callbacks = {BackupAndRestore(folder, {.delete_checkpoint = false})},
                   .verbose = 0});
    };
    fit(3, 4);
    CHECK_THROWS_WITH(fit(3, 2), "checkpoint: expected batches an epoch: 2 as when it was written, got 4");
    CHECK_THROWS_WITH(fit(5, 4), "checkpoint: expected 0.kernel (2, 3) as when it was written, got (2, 5)");
    fs::remove_all(folder);
}

TEST_CASE("two runs in one folder are an error that names the other", "[train][resume]") {
    const std::string folder = temporary("shared");
    fs::create_directories(folder);
    const std::string text = fmt::format(
        "{}: BackupAndRestore: expected a folder of its own, got one that process {} writes to", folder, ::getpid());
    {
        const FolderLock lock(folder, "test");
        CHECK_THROWS_WITH(run(folder), text);
    }
    CHECK_NOTHROW(run(folder));
    CHECK_THROWS_AS(run("/proc/nowhere"), FileError);
    CHECK_THROWS_WITH(BackupAndRestore("x", {.keep = 0}), "BackupAndRestore: expected keep >= 1, got 0");
    CHECK_THROWS_WITH(BackupAndRestore("x", {.save_freq = -1}), "BackupAndRestore: expected save_freq >= 0, got -1");
}

TEST_CASE("a signal lets the batch end, saves, and is handed on", "[train][resume]") {
    const Outcome whole = run(temporary("whole"));
    static int handed_on;
    handed_on = 0;
    const auto before = std::signal(SIGTERM, [](int) { ++handed_on; });
    const std::string folder = temporary("signal");
    set_seed(3);
    struct Term : Callback {
        int batches = 0;
        void on_batch_begin(Fit&) override {
            if (++batches == 6) std::raise(SIGTERM);
        }
    } term;
    const Tensor x = ones({8, 2}), y = ones({8, 1});
    Model model{Sequential{Dense(1)}};
    model.compile({.loss = "mse"});
    const auto fit = [&] {
        model.fit(x, y, {.epochs = 4, .batch_size = 4, .callbacks = {term, BackupAndRestore(folder)}, .verbose = 0});
    };
    CHECK_THROWS_WITH(fit(), "fit: told to end in epoch 3 of 4; all is saved in " + folder +
                                 ": the same program goes on from there when run again");
    CHECK(handed_on == 1);
    std::raise(SIGTERM);
    CHECK(handed_on == 2);
    CHECK(model.optimizer().steps() == 6);
    fit();
    CHECK(model.optimizer().steps() == 8);
    std::signal(SIGTERM, before);
}

TEST_CASE("a disk that fails leaves the checkpoint before, and no other trace", "[train][resume]") {
    const Outcome whole = run(temporary("whole"));
    struct Row {
        test::Fault fault;
        std::string text;
    };
    for (const auto& row : {Row{{"write", ENOSPC}, "file: expected to write it, got \"No space left on device\""},
                            Row{{"write", EIO}, "file: expected to write it, got \"Input/output error\""},
                            Row{{"write", 0}, "file: expected to write it, got "},  // takes nothing
                            Row{{"fsync", EIO}, "file: expected to sync it, got \"Input/output error\""},
                            Row{{"rename", ENOSPC}, "file: expected to rename it, got \"No space left on device\""},
                            Row{{"open", ENOSPC}, "file: expected to create it, got \"No space left on device\""}}) {
        const std::string folder = temporary("faults");
        CHECK_THROWS_WITH(run(folder, 4), "crash");
        const auto good = checkpoints(folder);
        {
            const test::Faults active(row.fault, "backup-");
            CHECK_THROWS_WITH(run(folder), ContainsSubstring(row.text));
        }
        INFO(row.text);
        CHECK(checkpoints(folder) == good);
        CHECK(run(folder) == whole);
    }
    // Short and interrupted writes are no errors.
    for (const auto& fault : {test::Fault{"write", EINTR, 3}, test::Fault{"short write", 0, 1000000}}) {
        const test::Faults active(fault, "backup-");
        CHECK(run(temporary("short")) == whole);
    }
}

TEST_CASE("a state comes back as it was, or not at all", "[io]") {
    const std::string path = temporary("state");
    State state, inner;
    inner.set("words", "a \"crc32c\":\"00000000\" b");
    inner.set("n", std::uint64_t(1) << 63);
    state.set("inner", inner);
    state.set("x", randn({3}));
    state.set("pi", 3.14159265358979312);
    state.set("nan", std::nan(""));
    save_state(path, state);
    const State back = load_state(path);
    CHECK(back.below("inner").text("words") == inner.text("words"));
    CHECK(std::uint64_t(back.integer("inner.n")) == std::uint64_t(1) << 63);
    CHECK(back.number("pi") == 3.14159265358979312);
    CHECK(std::isnan(back.number("nan")));
    CHECK(all(back.tensor("x") == state.tensor("x")).item<bool>());
    CHECK(!back.contains("crc32c"));
    CHECK_THROWS_WITH(back.tensor("y"), "state: expected a value for \"y\", got none");
    CHECK_THROWS_WITH(back.text("x"), "state: expected a value for \"x\", got none");
    const std::string whole = read_file(path);
    for (std::size_t i = 0; i < whole.size(); ++i) {
        CHECK_THROWS_AS(parse_state(std::string_view(whole).substr(0, i), path), FileError);
        for (const int bit : {1, 32, 128}) {
            std::string damaged = whole;
            damaged[i] = char(damaged[i] ^ bit);
            CHECK_THROWS_AS(parse_state(damaged, path), FileError);
        }
    }
    fs::remove(path);
}
