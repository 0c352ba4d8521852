#pragma once
#include "optimizer.h"

namespace xg {

struct AdamOptions {
    LearningRate learning_rate = 1e-3;
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = defaults::either(1e-7, 1e-8);
    bool amsgrad = false;
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam (Kingma & Ba 2015); amsgrad: Reddi et al. 2018. Keras adds epsilon to the root as it is (section 2's last
/// lines), PyTorch to the corrected one (algorithm 1).
class Adam : public Optimizer {
public:
    explicit Adam(AdamOptions options = {});
    void describe(Config& config) const override;
    static Adam from_config(const Config& config);

protected:
    Adam(AdamOptions options, StepOptions step);
    void update(const Move& move) override;

public:
    const AdamOptions& settings() const { return options_; }

private:
    AdamOptions options_;
};

struct AdamWOptions {
    LearningRate learning_rate = 1e-3;
    double weight_decay = defaults::either(0.004, 0.01);
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = defaults::either(1e-7, 1e-8);
    bool amsgrad = false;
    Convention convention = defaults::convention();
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
    static AdamW from_config(const Config& config);
};

}  // namespace xg
