#pragma once
#include "optimizer.h"

namespace xg {

struct RMSpropOptions {
    LearningRate learning_rate = defaults::either(1e-3, 0.01);
    double rho = defaults::either(0.9, 0.99), momentum = 0, epsilon = defaults::either(1e-7, 1e-8);
    bool centered = false;
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Divides by a moving root mean square of the gradient (Tieleman & Hinton 2012); centered: by its standard deviation
/// (Graves 2013). Keras adds epsilon under the root and has the rate inside the momentum; PyTorch neither.
class RMSprop : public Optimizer {
public:
    explicit RMSprop(RMSpropOptions options = {});
    void describe(Config& config) const override;
    static RMSprop from_config(const Config& config);

protected:
    void update(const Move& move) override;

public:
    const RMSpropOptions& settings() const { return options_; }

private:
    RMSpropOptions options_;
};

}  // namespace xg
