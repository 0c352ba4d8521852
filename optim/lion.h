#pragma once
#include "optimizer.h"

namespace xg {

struct LionOptions {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9, beta_2 = 0.99;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// The sign of an interpolated momentum (Chen et al. 2023): its rate should be 3 to 10 times less than Adam's.
class Lion : public Optimizer {
public:
    explicit Lion(LionOptions options = {});
    void describe(Config& config) const override;
    static Lion from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    LionOptions options_;
};

}  // namespace xg
