#pragma once
#include "optimizer.h"

namespace xg {

struct RAdamOptions {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-8;
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam that divides by the root of the squares only once their variance is tractable (Liu et al. 2020).
class RAdam : public Optimizer {
public:
    explicit RAdam(RAdamOptions options = {});
    void describe(Config& config) const override;
    static RAdam from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    RAdamOptions options_;
};

}  // namespace xg
