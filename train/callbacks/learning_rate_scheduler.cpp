#include "learning_rate_scheduler.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include "../model.h"

namespace xg {

void LearningRateScheduler::on_train_begin(Fit& fit) {
    if (std::ranges::find(fit.names, "learning_rate") == fit.names.end()) fit.names.push_back("learning_rate");
}
void LearningRateScheduler::on_epoch_begin(Fit& fit) {
    const double rate = schedule_(fit.epoch, fit.model.optimizer().learning_rate());
    require<std::invalid_argument>(
        std::isfinite(rate), "LearningRateScheduler: expected a finite rate for epoch {}, got {}", fit.epoch, rate);
    Optimizer& optimizer = fit.model.optimizer();
    optimizer.set_learning_rate(rate);
    // What ReduceLROnPlateau has multiplied by counts as part of the rate that the schedule was given.
    if (const double scaled = optimizer.learning_rate(); scaled != rate) optimizer.scale_learning_rate(rate / scaled);
    if (options_.verbose)
        fmt::print("\nEpoch {}: LearningRateScheduler setting learning rate to {}.\n", fit.epoch + 1, rate);
}
void LearningRateScheduler::on_epoch_end(Fit& fit) {
    fit.logs.set("learning_rate", fit.model.optimizer().learning_rate());
}

}  // namespace xg
