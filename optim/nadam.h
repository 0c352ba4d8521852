#pragma once
#include "optimizer.h"

namespace xg {

struct NadamOptions {
    LearningRate learning_rate = defaults::either(1e-3, 2e-3);
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = defaults::either(1e-7, 1e-8);
    double momentum_decay = defaults::either(1.0, 0.004);  // how fast the momentum's warm-up ends
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam with Nesterov's momentum, warmed up (Dozat 2016).
class Nadam : public Optimizer {
public:
    explicit Nadam(NadamOptions options = {});
    void describe(Config& config) const override;
    static Nadam from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    double momentum_at(double step) const;
    double product_ = 1;           // of the momenta so far
    std::int64_t multiplied_ = 0;  // steps in it
    NadamOptions options_;
};

}  // namespace xg
