#pragma once
#include "optimizer.h"

namespace xg {

struct ScheduleFreeAdamWOptions {
    LearningRate learning_rate = 0.0025;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-8;
    std::int64_t warmup_steps = 0;
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// AdamW that needs no schedule: gradients are taken between the iterate and its average (Defazio et al. 2024). Keras
/// on TensorFlow finds the average again from the iterate as it is after the step, not before as in the paper;
/// Convention::torch is the paper.
class ScheduleFreeAdamW : public Optimizer {
public:
    explicit ScheduleFreeAdamW(ScheduleFreeAdamWOptions options = {});
    void describe(Config& config) const override;
    static ScheduleFreeAdamW from_config(const Config& config);

protected:
    void update(const Move& move) override;
    void start(std::size_t slot, Tensor& values, const Tensor& parameter) const override;

private:
    ScheduleFreeAdamWOptions options_;
};

}  // namespace xg
