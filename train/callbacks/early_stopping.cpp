#include "early_stopping.h"
#include <cstdio>
#include "../../io/state.h"
#include "../model.h"

namespace xg {

EarlyStopping::EarlyStopping(EarlyStoppingOptions options)
    : options_(std::move(options)), monitor_("EarlyStopping", options_.monitor, options_.mode, options_.min_delta) {
    const auto& o = options_;
    require<std::invalid_argument>(o.patience >= 0, "EarlyStopping: expected patience >= 0, got {}", o.patience);
    require<std::invalid_argument>(o.start_from_epoch >= 0, "EarlyStopping: expected start_from_epoch >= 0, got {}",
                                   o.start_from_epoch);
}
void EarlyStopping::on_train_begin(Fit& fit) {
    monitor_.begin(fit);
    best_epoch_ = stopped_epoch_ = -1, waited_ = 0;
    best_ = monitor_.worst();
    weights_.clear();
}
/// As Keras counts: an epoch that does not improve on the best one is waited for; one that does, but not on the
/// baseline, does not end the wait.
void EarlyStopping::on_epoch_end(Fit& fit) {
    if (fit.epoch < options_.start_from_epoch) return;
    const double value = monitor_.value(fit);
    if (options_.restore_best_weights && weights_.empty()) {
        weights_ = fit.model.weights();
        best_epoch_ = fit.epoch;
    }
    ++waited_;
    if (monitor_.better(value, best_)) {
        best_ = value, best_epoch_ = fit.epoch;
        if (options_.restore_best_weights) weights_ = fit.model.weights();
        if (!options_.baseline || monitor_.better(value, *options_.baseline)) waited_ = 0;
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

void EarlyStopping::save(State& state) const {
    state.set("best", best_);
    state.set("best_epoch", best_epoch_);
    state.set("stopped_epoch", stopped_epoch_);
    state.set("waited", waited_);
    for (std::size_t i = 0; i < weights_.size(); ++i) state.set(fmt::format("weights.{}", i), weights_[i]);
}
void EarlyStopping::load(const State& state) {
    best_ = state.number("best");
    best_epoch_ = int(state.integer("best_epoch"));
    stopped_epoch_ = int(state.integer("stopped_epoch"));
    waited_ = int(state.integer("waited"));
    weights_.clear();
    for (std::string at = "weights.0"; state.contains(at); at = fmt::format("weights.{}", weights_.size()))
        weights_.push_back(state.tensor(at));
}

}  // namespace xg
