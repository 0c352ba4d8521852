#include "callbacks.h"
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include "../io/event_file.h"
#include "model.h"

namespace xg {

void History::on_epoch_end(Fit& fit) {
    for (auto& [name, value] : fit.logs) {
        auto found = std::ranges::find(curves_, name, [](auto& c) { return c.first; });
        if (found == curves_.end()) found = curves_.insert(found, {name, {}});
        found->second.push_back(value);
    }
    ++epochs_;
}
const std::vector<double>& History::operator[](const std::string& name) const {
    std::string known;
    for (auto& [n, curve] : curves_) {
        if (n == name) return curve;
        known += (known.empty() ? "" : ", ") + n;
    }
    fail<std::invalid_argument>("History: expected one of {}, got \"{}\"", known, name);
}

EarlyStopping::EarlyStopping(EarlyStoppingOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(o.mode == "auto" || o.mode == "min" || o.mode == "max",
                                   "EarlyStopping: expected mode auto, min or max, got {}", o.mode);
    require<std::invalid_argument>(o.patience >= 0, "EarlyStopping: expected patience >= 0, got {}", o.patience);
    larger_ = o.mode == "max" || (o.mode == "auto" && (o.monitor.ends_with("accuracy") || o.monitor.ends_with("acc")));
}
bool EarlyStopping::better(double value, double than) const {
    return larger_ ? value - std::fabs(options_.min_delta) > than : value + std::fabs(options_.min_delta) < than;
}
void EarlyStopping::on_train_begin(Fit& fit) {
    std::string known;
    for (auto& name : fit.names) known += (known.empty() ? "" : ", ") + name;
    require<std::invalid_argument>(std::ranges::find(fit.names, options_.monitor) != fit.names.end(),
                                   "EarlyStopping: expected a monitor of {}, got \"{}\"", known, options_.monitor);
    best_epoch_ = stopped_epoch_ = -1, waited_ = 0;
    best_ = larger_ ? -INFINITY : INFINITY;
    weights_.clear();
}
/// As Keras counts: an epoch that does not improve on the best one is waited for; one that does, but not on the
/// baseline, does not end the wait.
void EarlyStopping::on_epoch_end(Fit& fit) {
    if (fit.epoch < options_.start_from_epoch) return;
    const double value = fit.logs[options_.monitor];
    if (options_.restore_best_weights && weights_.empty()) {
        weights_ = fit.model.weights();
        best_epoch_ = fit.epoch;
    }
    ++waited_;
    if (better(value, best_)) {
        best_ = value, best_epoch_ = fit.epoch;
        if (options_.restore_best_weights) weights_ = fit.model.weights();
        if (!options_.baseline || better(value, *options_.baseline)) waited_ = 0;
        return;
    }
    if (waited_ >= options_.patience && fit.epoch > 0) {
        fit.stop = true;
        stopped_epoch_ = fit.epoch;
    }
}
void EarlyStopping::on_train_end(Fit& fit) {
    if (options_.verbose && stopped_epoch_ >= 0) std::printf("Epoch %d: early stopping\n", stopped_epoch_ + 1);
    if (weights_.empty()) return;
    if (options_.verbose) std::printf("Restoring model weights from the end of the best epoch: %d.\n", best_epoch_ + 1);
    fit.model.set_weights(std::exchange(weights_, {}));
}

void CSVLogger::write(const std::string& line, const char* mode) const {
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path_.c_str(), mode), std::fclose);
    if (!file || std::fputs(line.c_str(), file.get()) < 0 || std::fflush(file.get()) != 0)
        throw FileError("CSVLogger: expected a file to write to, got an error", path_);
}
void CSVLogger::on_train_begin(Fit&) {
    header_ = options_.append && ::access(path_.c_str(), F_OK) == 0;
    write("", header_ ? "a" : "w");
}
void CSVLogger::on_epoch_end(Fit& fit) {
    std::string text;
    if (!std::exchange(header_, true)) {
        text = "epoch";
        for (auto& [name, value] : fit.logs) text += options_.separator + name;
        text += "\n";
    }
    text += std::to_string(fit.epoch);
    for (auto& [name, value] : fit.logs) text += fmt::format("{}{:.17g}", options_.separator, value);
    write(text + "\n", "a");
}

void TensorBoard::on_train_begin(Fit&) { train_ = std::make_shared<EventFile>(folder_ + "/train"); }
void TensorBoard::on_epoch_end(Fit& fit) {
    for (auto& [name, value] : fit.logs) {
        if (!name.starts_with("val_")) {
            train_->scalar("epoch_" + name, value, fit.epoch);
            continue;
        }
        if (!validation_) validation_ = std::make_shared<EventFile>(folder_ + "/validation");
        validation_->scalar("epoch_" + name.substr(4), value, fit.epoch);
    }
    if (!fit.logs.contains("learning_rate"))
        train_->scalar("epoch_learning_rate", fit.model.optimizer().learning_rate(), fit.epoch);
}
void TensorBoard::on_train_end(Fit&) { train_.reset(), validation_.reset(); }

namespace {
double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }
bool on_terminal() {
    static const bool terminal = ::isatty(STDOUT_FILENO);
    return terminal;
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
}  // namespace
void ProgressBar::on_epoch_begin(Fit& fit) {
    start_ = drawn_ = now();
    if (fit.verbose == 1 && on_terminal() && fit.epochs > 1) std::printf("Epoch %d/%d\n", fit.epoch + 1, fit.epochs);
}
void ProgressBar::on_batch_end(Fit& fit) {
    if (fit.verbose != 1 || !on_terminal()) return;
    const double time = now();
    if (time - drawn_ < 0.05) return;
    drawn_ = time;
    line(fit, fit.batch + 1, true);
}
void ProgressBar::on_epoch_end(Fit& fit) {
    line(fit, fit.batches, fit.verbose == 1 && on_terminal());
    std::puts("");
}
void ProgressBar::line(const Fit& fit, std::int64_t done, bool bar) const {
    const double seconds = now() - start_, step = seconds / double(std::max<std::int64_t>(1, done));
    const bool colour = bar && !std::getenv("NO_COLOR");
    std::string text;
    if (bar) {
        const auto full = fit.batches ? 20 * done / fit.batches : 20;
        text = fmt::format("\r\033[K{}/{} {}", done, fit.batches, colour ? "\033[32m" : "");
        for (std::int64_t i = 0; i < 20; ++i) {
            if (i == full && colour) text += "\033[37m";
            text += i < full || colour ? "━" : "─";
        }
        if (colour) text += "\033[0m";
        text += " " + duration(done < fit.batches ? step * double(fit.batches - done) : seconds);
    } else {
        text = fmt::format("Epoch {}/{} - {}", fit.epoch + 1, fit.epochs, duration(seconds));
    }
    text += " " + per_step(step);
    for (auto& [name, value] : fit.logs)
        text += fmt::format(fmt::runtime(std::fabs(value) > 1e-3 ? " - {}: {:.4f}" : " - {}: {:.4e}"), name, value);
    std::fputs(text.c_str(), stdout);
    std::fflush(stdout);
}

}  // namespace xg
