#include "progress_bar.h"
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include "../io/clock.h"

namespace xg {

namespace {
constexpr std::int64_t widest_bar = 20, narrowest_bar = 10, least_text = 16;  // columns
constexpr double between_draws = 0.05;                                        // seconds

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}
/// Asked at every draw: the window may have changed.
std::int64_t columns() {
    winsize size{};
    return ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}
std::string duration(double seconds) {
    const auto s = std::int64_t(seconds);
    if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
    return s >= 60 ? fmt::format("{}:{:02}", s / 60, s % 60) : fmt::format("{}s", s);
}
std::string per_step(double seconds) {
    if (seconds >= 1) return fmt::format("{:.0f}s/step", seconds);
    return seconds >= 1e-3 ? fmt::format("{:.0f}ms/step", seconds * 1e3) : fmt::format("{:.0f}us/step", seconds * 1e6);
}
std::string values(const Logs& logs) {
    std::string text;
    for (auto& [name, value] : logs)
        text += fmt::format(fmt::runtime(std::fabs(value) > 1e-3 ? " - {}: {:.4f}" : " - {}: {:.4e}"), name, value);
    return text;
}
std::string bar(std::int64_t full, std::int64_t width, bool colour) {
    std::string text = colour ? "\033[32m" : "";
    for (std::int64_t i = 0; i < width; ++i) {
        if (i == full && colour) text += "\033[37m";
        text += i < full || colour ? "━" : "─";
    }
    return text + (colour ? "\033[0m " : " ");
}
}  // namespace

/// The first step builds and warms up, so the others tell how long one takes.
double ProgressBar::seconds_a_step(std::int64_t done) const {
    const auto steps = done - first_batch_;
    return steps > 1 ? (last_step_ - first_step_) / double(steps - 1) : last_step_ - start_;
}
void ProgressBar::on_train_begin(Fit& fit) {
    bar_ = fit.verbose == 1 && ::isatty(STDOUT_FILENO) && environment("TERM") != "dumb";
    colour_ = environment("NO_COLOR").empty();
}
void ProgressBar::on_epoch_begin(Fit& fit) {
    start_ = last_step_ = drawn_ = detail::now(), first_batch_ = fit.batch;
    if (bar_ && fit.epochs > 1) std::printf("Epoch %d/%d\n", fit.epoch + 1, fit.epochs);
}
void ProgressBar::on_batch_end(Fit& fit) {
    const bool first = fit.batch == first_batch_, last = fit.batch + 1 == fit.batches;
    if (!bar_ && !first && !last && !fit.stop && fit.batches >= 0) return;  // nobody needs to know when that was
    last_step_ = detail::now();
    if (first) first_step_ = last_step_;
    if (!bar_ || last || last_step_ - drawn_ < between_draws) return;
    drawn_ = last_step_;
    draw(fit, fit.batch + 1, false);
}
void ProgressBar::on_epoch_end(Fit& fit) {
    if (bar_) {
        draw(fit, fit.batch, true);
        std::puts("");
    } else {
        std::printf("Epoch %d/%d - %s %s%s\n", fit.epoch + 1, fit.epochs, duration(detail::now() - start_).c_str(),
                    per_step(seconds_a_step(fit.batch)).c_str(), values(fit.logs).c_str());
    }
    std::fflush(stdout);
}
/// One write, and the rest of the old line cleared after it, so that nothing flickers. A line that is to be drawn over
/// must not wrap: the bar shrinks, then the line's end is cut. The last one of an epoch is whole.
void ProgressBar::draw(const Fit& fit, std::int64_t done, bool last) const {
    const bool known = fit.batches >= 0;  // how many there will be
    const double step = seconds_a_step(done);
    const double seconds = last || !known ? detail::now() - start_ : step * double(fit.batches - done);
    const std::string total = known ? std::to_string(fit.batches) : "Unknown";
    const std::string head = fmt::format("{:>{}}/{} ", done, total.size(), total);
    std::string tail = duration(seconds) + " " + per_step(step) + values(fit.logs);
    const auto room = columns() - 1 - std::int64_t(head.size()), length = std::int64_t(tail.size());
    const auto width = room < narrowest_bar + least_text ? 0 : std::clamp(room - 1 - length, narrowest_bar, widest_bar);
    if (!last) tail.resize(std::size_t(std::clamp<std::int64_t>(room - (width ? width + 1 : 0), 0, length)));
    const std::string line =
        "\r" + head + (width ? bar(width * done / (known ? fit.batches : done), width, colour_) : "") + tail + "\033[K";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
}

}  // namespace xg
