#pragma once
#include "optimizer.h"

namespace xg {

struct AdamaxOptions {
    LearningRate learning_rate = defaults::either(1e-3, 2e-3);
    double beta_1 = 0.9, beta_2 = 0.999, epsilon = defaults::either(1e-7, 1e-8);
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam with the maximum norm (Kingma & Ba 2015, algorithm 2). Keras adds epsilon to the norm, PyTorch within it.
class Adamax : public Optimizer {
public:
    explicit Adamax(AdamaxOptions options = {});
    void describe(Config& config) const override;
    static Adamax from_config(const Config& config);

protected:
    void update(const Move& move) override;

private:
    AdamaxOptions options_;
};

}  // namespace xg
