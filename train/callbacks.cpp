#include "callbacks.h"
#include <unistd.h>
#include <algorithm>
#include <cmath>
#include <cstdio>
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
    require<std::invalid_argument>(o.start_from_epoch >= 0, "EarlyStopping: expected start_from_epoch >= 0, got {}",
                                   o.start_from_epoch);
}
std::optional<bool> EarlyStopping::larger_is_better(const Model& model) const {
    if (options_.mode != "auto") return options_.mode == "max";
    const std::string& monitor = options_.monitor;
    const std::string name = monitor.starts_with("val_") ? monitor.substr(4) : monitor;
    if (name == "loss") return false;
    for (auto& metric : model.metrics())
        if (metric->name() == name) return metric->larger_is_better();
    if (name.ends_with("_loss")) return false;  // of one of several outputs
    return {};
}
bool EarlyStopping::better(double value, double than) const {
    return larger_ ? value - std::fabs(options_.min_delta) > than : value + std::fabs(options_.min_delta) < than;
}
void EarlyStopping::on_train_begin(Fit& fit) {
    std::string known;
    for (auto& name : fit.names) known += (known.empty() ? "" : ", ") + name;
    require<std::invalid_argument>(std::ranges::find(fit.names, options_.monitor) != fit.names.end(),
                                   "EarlyStopping: expected a monitor of {}, got \"{}\"", known, options_.monitor);
    const auto direction = larger_is_better(fit.model);
    require<std::invalid_argument>(direction.has_value(),
                                   "EarlyStopping: expected mode min or max for \"{}\", which may be either, got {}",
                                   options_.monitor, options_.mode);
    larger_ = *direction;
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
        validation_->scalar("evaluation_" + name.substr(4) + "_vs_iterations", value, fit.model.optimizer().steps());
    }
    if (!fit.logs.contains("learning_rate"))
        train_->scalar("epoch_learning_rate", fit.model.optimizer().learning_rate(), fit.epoch);
}
void TensorBoard::on_train_end(Fit&) { train_.reset(), validation_.reset(); }

}  // namespace xg
