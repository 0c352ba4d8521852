#pragma once
#include "optimizer.h"

namespace xg {

struct LambOptions {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam's direction, its length in proportion to each parameter's own: for large batches (You et al. 2020).
class Lamb : public Optimizer {
public:
    explicit Lamb(LambOptions options = {});
    void describe(Config& config) const override;
    static Lamb from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    LambOptions options_;
};

}  // namespace xg
