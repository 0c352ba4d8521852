#include <filesystem>
#include <set>
#include "../../io/bytes.h"
#include "../../io/event_file.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;
namespace fs = std::filesystem;

TEST_CASE("a grid lays pictures side by side", "[train][pictures]") {
    const Tensor three = concatenate({zeros({1, 2, 2}), ones({1, 2, 2}), full({1, 2, 2}, 0.5)});
    const Tensor grid = image_grid(three);
    CHECK(grid.shape() == Shape{5, 5, 1});
    const auto at = [&](int r, int c) { return grid(r, c, 0).item<int>(); };
    CHECK((at(0, 0) == 0 && at(1, 1) == 0 && at(0, 3) == 255 && at(1, 4) == 255));
    CHECK((at(3, 0) == 128 && at(4, 1) == 128));
    CHECK((at(2, 0) == 32 && at(0, 2) == 32 && at(4, 4) == 32));  // the gap, and where no picture is
    CHECK(image_grid(three, 3, 0).shape() == Shape{2, 6, 1});
    CHECK_THROWS_WITH(image_grid(ones({2, 2})),
                      "image_grid: expected pictures (n, height, width[, 1 to 4 channels]), got (2, 2)");
    CHECK_THROWS_WITH(image_grid(three, -1), "image_grid: expected columns >= 0 and gap >= 0, got -1 and 1");
    const Tensor kernel = concatenate({full({1, 1, 1, 2}, -2), full({1, 1, 1, 2}, 4)});
    CHECK(filter_grid(kernel).shape() == Shape{2, 3, 1});
    CHECK(filter_grid(kernel)(0, 0, 0).item<int>() == 64);  // 1/2 - 1/2 * 2/4
    CHECK(filter_grid(kernel)(1, 2, 0).item<int>() == 255);
    CHECK_THROWS_WITH(filter_grid(ones({2, 2})), "filter_grid: expected a kernel (height, width, in, out), got (2, 2)");
}

TEST_CASE("a confusion matrix as a picture", "[train][pictures]") {
    const Tensor wanted = tensor<std::int64_t>({{1, 1, 0}, {0, 1, 0}, {1, 0, 2}});
    const std::string picture = confusion_svg(wanted, {"a", "<b>", "c"});
    CHECK(picture.starts_with("<svg"));
    CHECK_THAT(picture, ContainsSubstring("&lt;b&gt;"));
    CHECK_THROWS_WITH(confusion_svg(ones({2, 3})), "confusion_svg: expected a matrix (classes, classes), got (2, 3)");
    CHECK_THROWS_WITH(confusion_svg(wanted, {"a"}), "confusion_svg: expected a name a class, 3, got 1");
}

TEST_CASE("gradient flow names what no gradient reaches", "[train][pictures]") {
    Sequential net{Input({3}), Dense(2), Dense(1)};
    net.children()[2].module->freeze();
    sum(net(ones({2, 3}))).backward();
    const std::string picture = gradient_flow_svg(net);
    CHECK_THAT(picture, ContainsSubstring(">0.kernel<"));
    CHECK_THAT(picture, ContainsSubstring(">1.kernel (no gradient)<"));
}

TEST_CASE("what a writer writes is read back, and refused when damaged", "[train][io]") {
    const std::string folder = (fs::temp_directory_path() / "xgrad_writer").string();
    fs::remove_all(folder);
    SummaryWriter writer(folder);
    writer.scalar("a/b", 0.25, 7);
    writer.histogram("h", tensor({1, 2, 3}), 1);
    writer.image("i", ones({2, 2}), 0);
    writer.text("t", "words", 0);
    writer.pr_curve("p", tensor({0, 1}), tensor({0.1, 0.9}), 0);
    writer.hparams({{"rate", 0.1}, {"name", "x"}, {"on", true}}, {"a/b"});
    writer.flush();
    const std::string bytes = read_file(writer.file().path());
    CHECK(std::int64_t(bytes.size()) == writer.file().size());
    int records = 0;
    const auto read = [&](std::string_view whole) {
        records = 0;
        read_events(whole, "e", [&](std::string_view) { ++records; });
    };
    read(bytes);
    CHECK(records == 1 + 5 + 3);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        CHECK_NOTHROW(read(std::string_view(bytes).substr(0, n)));  // a torn end is where a run was killed
        CHECK(records <= 8);
        std::string damaged = bytes;
        damaged[n] = char(damaged[n] ^ 4);
        CHECK_THROWS_AS(read(damaged), FileError);
    }
    CHECK_THROWS_WITH(writer.scalar("", 1, 0), "SummaryWriter: expected a tag, got an empty one");
    CHECK_THROWS_WITH(writer.histogram("h", ones({2}), 0, 0), "histogram: expected buckets > 0, got 0");
    CHECK_THROWS_WITH(writer.image("i", ones({2}), 0),
                      "image: expected (height, width[, channels]) or several of them, got (2,)");
    CHECK_THROWS_WITH(writer.pr_curve("p", ones({2}), ones({3}), 0),
                      "pr_curve: expected a label a score, got (2,) and (3,)");
    CHECK_THROWS_WITH(writer.pr_curve("p", ones({1}), full({1}, 2), 0), "pr_curve: expected scores in [0, 1], got 2");
    CHECK_THROWS_WITH(writer.embedding("e", ones({2})), "embedding: expected rows (n, dimensions), got (2,)");
    CHECK_THROWS_WITH(writer.embedding("e", ones({2, 2}), {"one"}), "embedding: expected a label a row, 2, got 1");
    CHECK_THROWS_AS(SummaryWriter("/proc/nowhere"), FileError);
    fs::remove_all(folder);
}

TEST_CASE("a resumed run leaves the event files of one that was never interrupted", "[train][resume]") {
    const std::string logs = (fs::temp_directory_path() / "xgrad_board").string(), backup = logs + "_backup";
    const Tensor x = ones({8, 2}), y = ones({8, 1});
    const auto run = [&](int crash) {
        set_seed(1);
        Model model{Sequential{Dense(1)}};
        model.compile({.loss = "mse"});
        int batch = 0;
        model.fit(x, y,
                  {.epochs = 3,
                   .batch_size = 2,
                   .validation_data = {x, y},
                   .callbacks = {TensorBoard(logs, {.histogram_freq = 1, .update_freq = 1}),
                                 LambdaCallback({.on_batch_end =
                                                     [&](Fit&) {
                                                         if (++batch == crash) throw std::runtime_error("crash");
                                                     }}),
                                 BackupAndRestore(backup, {.save_freq = 3})},
                   .verbose = 0});
    };
    // Every event without its time, in the order of the files; the first record of each names the format.
    const auto events = [&] {
        std::vector<std::string> found;
        for (const char* name : {"/train", "/validation"}) {
            std::vector<fs::path> files;
            for (auto& entry : fs::directory_iterator(logs + name)) files.push_back(entry.path());
            std::ranges::sort(files, {}, [](auto& p) { return std::pair(p.string().size(), p); });
            for (auto& path : files)
                read_events(read_file(path), path, [&](std::string_view record) {
                    if (record.find("brain.Event") == std::string_view::npos) found.emplace_back(record.substr(9));
                });
        }
        fs::remove_all(logs);
        return found;
    };
    fs::remove_all(logs), fs::remove_all(backup);
    run(0);
    const auto whole = events();
    for (const int crash : {2, 5, 8, 10}) {
        CHECK_THROWS_WITH(run(crash), "crash");
        run(0);
        INFO("crash after batch " << crash);
        const auto got = events();
        CHECK(got.size() >= whole.size());
        CHECK(std::set(got.begin(), got.end()) == std::set(whole.begin(), whole.end()));
        if (crash > 3) CHECK(got == whole);
    }
}

TEST_CASE("a report is one page", "[train][pictures]") {
    Model model{Sequential{Dense(1)}};
    model.compile({.loss = "mse"});
    const History h = model.fit(ones({2, 1}), ones({2, 1}), {.epochs = 2, .verbose = 0});
    const std::string path = (fs::temp_directory_path() / "xgrad_report.html").string();
    save_report(path, h, model, {.title = "a < b", .seconds = 2, .pictures = {"<svg id=\"mine\"/>"}});
    const std::string page = read_file(path);
    for (const char* part : {"<h1>a &lt; b</h1>", "<polyline", "0 (Dense)", "2.0 s", "<svg id=\"mine\"/>", "processor"})
        CHECK_THAT(page, ContainsSubstring(part));
    CHECK(page.find("http://") == page.find("http://www.w3.org/2000/svg"));  // nothing is fetched
    fs::remove(path);
}
