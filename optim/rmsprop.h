#pragma once
#include "optimizer.h"

namespace xg {

struct RMSpropOptions {
    LearningRate learning_rate = 1e-3;
    double rho = 0.9, momentum = 0, epsilon = 1e-7;
    bool centered = false;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Divides by a moving root mean square of the gradient (Tieleman & Hinton 2012); centered: by its standard deviation
/// (Graves 2013). As in Keras, epsilon is added under the root and the rate is inside the momentum.
class RMSprop : public Optimizer {
public:
    explicit RMSprop(RMSpropOptions options = {});

protected:
    void update(const Stretch& p, double learning_rate) override;

public:
    const RMSpropOptions& settings() const { return options_; }

private:
    RMSpropOptions options_;
};

}  // namespace xg
