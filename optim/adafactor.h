#pragma once
#include "optimizer.h"

namespace xg {

struct AdafactorOptions {
    LearningRate learning_rate = 1e-3;
    double beta_2_decay = -0.8, epsilon_1 = 1e-30, epsilon_2 = 1e-3, clip_threshold = 1;
    bool relative_step = true;  // the rate is at most 1 / sqrt(step); ignored with a schedule
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Adam whose squared gradients are kept as row and column means only, with steps relative to the size of each
/// parameter (Shazeer & Stern 2018). Parameters of fewer than two axes keep all their squares.
class Adafactor : public Optimizer {
public:
    explicit Adafactor(AdafactorOptions options = {});
    void describe(Config& config) const override;
    static Adafactor from_config(const Config& config);

protected:
    void update(const Move& move) override;
    Shape slot_shape(std::size_t slot, std::size_t parameter) const override;

private:
    AdafactorOptions options_;
};

}  // namespace xg
