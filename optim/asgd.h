#pragma once
#include "optimizer.h"

namespace xg {

struct ASGDOptions {
    LearningRate learning_rate = 0.01;
    double lambda = 1e-4;           // decay of the weights by lambda * rate
    double alpha = 0.75, t0 = 1e6;  // the rate falls as (1 + lambda * rate * step)^-alpha; averaging begins at t0
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Gradient descent whose slot "average" is the mean of the weights from step t0 on (Polyak & Juditsky 1992).
class ASGD : public Optimizer {
public:
    explicit ASGD(ASGDOptions options = {});
    void describe(Config& config) const override;
    static ASGD from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    ASGDOptions options_;
};

}  // namespace xg
