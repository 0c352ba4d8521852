#pragma once
#include "optimizer.h"

namespace xg {

struct AdagradOptions {
    LearningRate learning_rate = defaults::either(1e-3, 0.01);
    double initial_accumulator_value = defaults::either(0.1, 0.0), epsilon = defaults::either(1e-7, 1e-10);
    Convention convention = defaults::convention();
    double weight_decay = 0, clipnorm = 0, clipvalue = 0, global_clipnorm = 0;
    bool use_ema = false;
    double ema_momentum = 0.99;
    int ema_overwrite_frequency = 0;
    double loss_scale_factor = 0;
    int gradient_accumulation_steps = 0;
};
/// Divides by the root of the sum of squares of all gradients so far (Duchi et al. 2011). Keras adds epsilon under the
/// root, PyTorch beside it.
class Adagrad : public Optimizer {
public:
    explicit Adagrad(AdagradOptions options = {});
    void describe(Config& config) const override;
    static Adagrad from_config(const Config& config);

protected:
    void update(const Move& move) override;
    void start(std::size_t slot, Tensor& values, const Tensor& parameter) const override;

private:
    AdagradOptions options_;
};

}  // namespace xg
