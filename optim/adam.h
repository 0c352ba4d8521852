#pragma once
#include "optimizer.h"

namespace xg {

struct AdamOptions {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
    bool amsgrad = false;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam (Kingma & Ba 2015, in the form of section 2's last lines, as Keras); amsgrad: Reddi et al. 2018.
class Adam : public Optimizer {
public:
    explicit Adam(AdamOptions options = {});

protected:
    void update(const Stretch& p, double learning_rate) override;

public:
    const AdamOptions& settings() const { return options_; }

private:
    AdamOptions options_;
};

struct AdamWOptions {
    LearningRate learning_rate = 1e-3;
    double weight_decay = 0.004;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = 1e-7;
    bool amsgrad = false;
    double clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
struct AdamW : Adam {
    explicit AdamW(AdamWOptions options = {});
};

}  // namespace xg
