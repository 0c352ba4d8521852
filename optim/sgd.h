#pragma once
#include "optimizer.h"

namespace xg {

struct SGDOptions {
    LearningRate learning_rate = 0.01;
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Gradient descent, with (Nesterov's) momentum if wanted.
class SGD : public Optimizer {
public:
    explicit SGD(SGDOptions options = {});

protected:
    void update(const Stretch& p, double learning_rate) override;

public:
    const SGDOptions& settings() const { return options_; }

private:
    SGDOptions options_;
};

}  // namespace xg
