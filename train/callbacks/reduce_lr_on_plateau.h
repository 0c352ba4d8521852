#pragma once
#include "../monitor.h"

namespace xg {

struct ReduceLROnPlateauOptions {
    std::string monitor = "val_loss";
    double factor = 0.1;
    int patience = 10;
    int verbose = 0;
    std::string mode = "auto";
    double min_delta = 1e-4;  // absolute
    int cooldown = 0;         // epochs after a reduction that do not count
    double min_lr = 0;
};
/// Multiplies the learning rate by `factor` after `patience` epochs without improvement; with a schedule as well, of
/// whose rates it scales all that follow. The logs show the rate as learning_rate.
class ReduceLROnPlateau : public Callback {
public:
    explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {});
    void on_train_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;
    void save(State& state) const override;
    void load(const State& state) override;

private:
    ReduceLROnPlateauOptions options_;
    Monitor monitor_;
    double best_ = 0;
    int waited_ = 0, cooling_ = 0;
};

}  // namespace xg
