#pragma once
#include "optimizer.h"

namespace xg {

struct RpropOptions {
    LearningRate learning_rate = 0.01;  // of the first step
    double eta_minus = 0.5, eta_plus = 1.2, least_step = 1e-6, largest_step = 50;
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Each weight's own step grows while the sign of its gradient stays and shrinks when it turns: for whole batches
/// (Riedmiller & Braun 1993, in the form without backtracking).
class Rprop : public Optimizer {
public:
    explicit Rprop(RpropOptions options = {});
    void describe(Config& config) const override;
    static Rprop from_config(const Config& config);

protected:
    void update(const Move& move) override;
    void start(std::size_t slot, Tensor& values, const Tensor& parameter) const override;

private:
    RpropOptions options_;
};

}  // namespace xg
