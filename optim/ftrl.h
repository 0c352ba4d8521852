#pragma once
#include "optimizer.h"

namespace xg {

struct FtrlOptions {
    LearningRate learning_rate = 1e-3;
    double learning_rate_power = -0.5, initial_accumulator_value = 0.1;
    double l1_regularization_strength = 0, l2_regularization_strength = 0;
    double l2_shrinkage_regularization_strength = 0;  // l2 of the gradient step alone, not of the minimum
    double beta = 0;
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Follow the regularized leader: sparse weights under l1 (McMahan et al. 2013).
class Ftrl : public Optimizer {
public:
    explicit Ftrl(FtrlOptions options = {});
    void describe(Config& config) const override;
    static Ftrl from_config(const Config& config);

protected:
    void update(const Move& move) override;
    void start(std::size_t slot, Tensor& values, const Tensor& parameter) const override;

private:
    FtrlOptions options_;
};

}  // namespace xg
