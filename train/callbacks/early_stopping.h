#pragma once
#include <optional>
#include "../../tensor/tensor.h"
#include "../monitor.h"

namespace xg {

struct EarlyStoppingOptions {
    std::string monitor = "val_loss";
    double min_delta = 0;
    int patience = 0;
    int verbose = 0;                      // 1: says when it stops and what it restores
    std::string mode = "auto";            // "min", "max"; auto: as the loss or the metric of that name has it
    std::optional<double> baseline = {};  // what must be beaten as well
    bool restore_best_weights = false;    // at the end, whether it stopped or not
    int start_from_epoch = 0;             // epochs before are not looked at
};
/// Stops after `patience` epochs without improvement; NaN is never one.
class EarlyStopping : public Callback {
public:
    explicit EarlyStopping(EarlyStoppingOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void on_train_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;
    /// From 0; -1 if there was none.
    int best_epoch() const { return best_epoch_; }
    /// From 0; -1 if it did not stop the training.
    int stopped_epoch() const { return stopped_epoch_; }

private:
    EarlyStoppingOptions options_;
    Monitor monitor_;
    double best_ = 0;
    int best_epoch_ = -1, stopped_epoch_ = -1, waited_ = 0;
    std::vector<Tensor> weights_;
};

}  // namespace xg
