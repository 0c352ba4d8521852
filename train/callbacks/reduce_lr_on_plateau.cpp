#include "reduce_lr_on_plateau.h"
#include <algorithm>
#include "../../io/state.h"
#include "../model.h"

namespace xg {

ReduceLROnPlateau::ReduceLROnPlateau(ReduceLROnPlateauOptions options)
    : options_(std::move(options)), monitor_("ReduceLROnPlateau", options_.monitor, options_.mode, options_.min_delta) {
    require<std::invalid_argument>(0 < options_.factor && options_.factor < 1,
                                   "ReduceLROnPlateau: expected 0 < factor < 1, got {}", options_.factor);
    require<std::invalid_argument>(options_.patience >= 0 && options_.cooldown >= 0,
                                   "ReduceLROnPlateau: expected patience >= 0 and cooldown >= 0, got {} and {}",
                                   options_.patience, options_.cooldown);
}
void ReduceLROnPlateau::on_train_begin(Fit& fit) {
    monitor_.begin(fit);
    if (std::ranges::find(fit.names, "learning_rate") == fit.names.end()) fit.names.push_back("learning_rate");
    best_ = monitor_.worst(), waited_ = cooling_ = 0;
}
void ReduceLROnPlateau::on_epoch_end(Fit& fit) {
    Optimizer& optimizer = fit.model.optimizer();
    const double rate = optimizer.learning_rate(), value = monitor_.value(fit);
    fit.logs.set("learning_rate", rate);
    if (cooling_ > 0) --cooling_, waited_ = 0;
    if (monitor_.better(value, best_)) {
        best_ = value, waited_ = 0;
        return;
    }
    if (cooling_ > 0 || ++waited_ < options_.patience || rate <= options_.min_lr) return;
    const double reduced_rate = std::max(rate * options_.factor, options_.min_lr);
    optimizer.scale_learning_rate(reduced_rate / rate);
    if (options_.verbose)
        fmt::print("\nEpoch {}: ReduceLROnPlateau reducing learning rate to {}.\n", fit.epoch + 1, reduced_rate);
    cooling_ = options_.cooldown, waited_ = 0;
}
void ReduceLROnPlateau::save(State& state) const {
    state.set("best", best_);
    state.set("waited", waited_);
    state.set("cooling", cooling_);
}
void ReduceLROnPlateau::load(const State& state) {
    best_ = state.number("best");
    waited_ = int(state.integer("waited")), cooling_ = int(state.integer("cooling"));
}

}  // namespace xg
