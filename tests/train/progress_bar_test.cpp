#include <chrono>
#include <cstdlib>
#include <regex>
#include <thread>
#include "../../xgrad.h"
#include "../catch.h"
#include "terminal.h"
using namespace xg;
using test::no_terminal, test::shown;

namespace {
/// Sets the loss to what is known beforehand, and takes long enough for every step to be drawn.
struct Known : Callback {
    void on_batch_end(Fit& fit) override {
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
        fit.logs.set("loss", 0.5);
    }
    void on_epoch_end(Fit& fit) override {
        fit.logs.set("loss", 0.25);
        if (fit.logs.contains("val_loss")) fit.logs.set("val_loss", 0.0001);
    }
};
std::string fitted(int columns, FitOptions options) {
    set_seed(0);
    Model model{Sequential{Dense(1)}};
    model.compile({.optimizer = "sgd", .loss = "mse"});
    options.batch_size = 4;
    options.callbacks = {Known()};
    return shown(columns, [&] { model.fit(ones({12, 2}), ones({12, 1}), options); });
}
/// Times differ from run to run.
std::string timeless(const std::string& text) {
    const std::string once = std::regex_replace(text, std::regex("[0-9]+(s|ms|us)/step"), "T/step");
    return std::regex_replace(once, std::regex("[0-9:]+s? T/step"), "S T/step");
}
struct Environment {
    Environment(std::string term, std::string no_color) {
        ::setenv("TERM", term.c_str(), 1);
        ::setenv("NO_COLOR", no_color.c_str(), 1);
    }
    ~Environment() { ::unsetenv("NO_COLOR"), ::unsetenv("TERM"); }
};
const std::string clear = "\033[K", done = "\033[32m", left = "\033[37m", plain = "\033[0m";
std::string repeat(const char* glyph, int n) {
    std::string text;
    while (n-- > 0) text += glyph;
    return text;
}
}  // namespace

TEST_CASE("on a terminal a bar grows, and each line is drawn over the one before", "[train]") {
    const Environment colours("xterm", "");
    const auto bar = [](int full) {
        return done + repeat("━", full) + (full < 20 ? left + repeat("━", 20 - full) : "") + plain + " ";
    };
    CHECK(timeless(fitted(80, {.epochs = 2})) ==
          "Epoch 1/2\r\n"
          "\r1/3 " +
              bar(6) + "S T/step - loss: 0.5000" + clear + "\r2/3 " + bar(13) + "S T/step - loss: 0.5000" + clear +
              "\r3/3 " + bar(20) + "S T/step - loss: 0.2500" + clear +
              "\r\n"
              "Epoch 2/2\r\n"
              "\r1/3 " +
              bar(6) + "S T/step - loss: 0.5000" + clear + "\r2/3 " + bar(13) + "S T/step - loss: 0.5000" + clear +
              "\r3/3 " + bar(20) + "S T/step - loss: 0.2500" + clear + "\r\n");
}

TEST_CASE("NO_COLOR leaves out colours, not the bar", "[train]") {
    const Environment colourless("xterm", "1");
    CHECK(timeless(fitted(80, {.validation_split = 0.3})) ==
          "\r1/2 " + repeat("━", 10) + repeat("─", 10) + " S T/step - loss: 0.5000" + clear + "\r2/2 " +
              repeat("━", 20) + " S T/step - loss: 0.2500 - val_loss: 1.0000e-04" + clear + "\r\n");
}

TEST_CASE("a line that is drawn over never wraps", "[train]") {
    const Environment colourless("xterm", "1");
    for (int columns : {5, 12, 24, 25, 29, 30, 31, 40, 50}) {
        const std::string text = fitted(columns, {.epochs = 1});
        std::size_t at = 0, lines = 0;
        for (std::size_t next; (next = text.find(clear, at)) != std::string::npos; at = next + clear.size()) {
            const std::string line = text.substr(at, next - at);
            std::int64_t width = 0;
            for (char c : line) width += c != '\r' && (c & 0xC0) != 0x80;
            INFO(columns << " columns: " << line);
            if (line.starts_with("\r3/3")) continue;
            CHECK(width < columns);
            CHECK((line.find("━") != std::string::npos) == (columns >= 31));
            ++lines;
        }
        CHECK(lines == 2);
        CHECK(text.find(" - loss: 0.2500") != std::string::npos);  // the epoch's numbers are whole
    }
}

TEST_CASE("elsewhere an epoch is a plain line, and silence is silent", "[train]") {
    const std::string lines =
        "Epoch 1/2 - S T/step - loss: 0.2500 - val_loss: 1.0000e-04\n"
        "Epoch 2/2 - S T/step - loss: 0.2500 - val_loss: 1.0000e-04\n";
    CHECK(timeless(fitted(no_terminal, {.epochs = 2, .validation_split = 0.3})) == lines);
    CHECK(timeless(fitted(no_terminal, {.epochs = 2, .validation_split = 0.3, .verbose = 2})) == lines);
    CHECK(fitted(no_terminal, {.verbose = 0}) == "");
    const Environment colours("xterm", "");
    CHECK(fitted(80, {.verbose = 0}) == "");
    CHECK(timeless(fitted(80, {.verbose = 2})) == "Epoch 1/1 - S T/step - loss: 0.2500\r\n");
    const Environment dumb("dumb", "");
    CHECK(timeless(fitted(80, {})) == "Epoch 1/1 - S T/step - loss: 0.2500\r\n");
    CHECK_THROWS_WITH(fitted(no_terminal, {.verbose = 3}), "fit: expected verbose 0, 1 or 2, got 3");
}
