#pragma once
#include <functional>
#include "../callback.h"

namespace xg {

struct LearningRateSchedulerOptions {
    int verbose = 0;
};
/// At the begin of each epoch the learning rate becomes schedule(epoch, rate), epochs counted from 0, in place of the
/// optimizer's own schedule; the logs show it as learning_rate.
class LearningRateScheduler : public Callback {
public:
    explicit LearningRateScheduler(std::function<double(int epoch, double rate)> schedule,
                                   LearningRateSchedulerOptions options = {})
        : schedule_(std::move(schedule)), options_(options) {}
    void on_train_begin(Fit& fit) override;
    void on_epoch_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;

private:
    std::function<double(int, double)> schedule_;
    LearningRateSchedulerOptions options_;
};

}  // namespace xg
