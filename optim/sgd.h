#pragma once
#include "optimizer.h"

namespace xg {

struct SGDOptions {
    LearningRate learning_rate = defaults::either(0.01, 1e-3);
    double momentum = 0;
    bool nesterov = false;
    double dampening = 0;  // of what enters PyTorch's momentum
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Gradient descent, with (Nesterov's) momentum if wanted. Keras has the learning rate inside the momentum, PyTorch
/// outside, which differs when the rate changes.
class SGD : public Optimizer {
public:
    explicit SGD(SGDOptions options = {});
    void describe(Config& config) const override;
    static SGD from_config(const Config& config);

protected:
    void update(const Move& move) override;

public:
    const SGDOptions& settings() const { return options_; }

private:
    SGDOptions options_;
};

}  // namespace xg
