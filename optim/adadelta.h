#pragma once
#include "optimizer.h"

namespace xg {

struct AdadeltaOptions {
    LearningRate learning_rate = defaults::either(1e-3, 1.0);
    double rho = defaults::either(0.95, 0.9), epsilon = defaults::either(1e-7, 1e-6);
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Steps in the proportion of earlier steps to gradients, both as moving root mean squares (Zeiler 2012).
class Adadelta : public Optimizer {
public:
    explicit Adadelta(AdadeltaOptions options = {});
    void describe(Config& config) const override;
    static Adadelta from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    AdadeltaOptions options_;
};

}  // namespace xg
