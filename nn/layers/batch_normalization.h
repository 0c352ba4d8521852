#pragma once
#include "../module.h"

namespace xg {

struct BatchNormalizationOptions {
    int axis = -1;
    double momentum = defaults::either(0.99, 0.9);  // of the old moving statistics; PyTorch's momentum is 1 less this
    double epsilon = defaults::either(1e-3, 1e-5);
    bool center = true, scale = true;
    Box<Initializer> beta_initializer = Zeros();
    Box<Initializer> gamma_initializer = Ones();
    Box<Initializer> moving_mean_initializer = Zeros();
    Box<Initializer> moving_variance_initializer = Ones();
    Box<Regularizer> beta_regularizer = {};
    Box<Regularizer> gamma_regularizer = {};
    Box<Constraint> beta_constraint = {};
    Box<Constraint> gamma_constraint = {};
    bool unbiased = defaults::either(false, true);  // the moving variance follows that over n - 1, as PyTorch's does
};
/// Each channel (along `axis`) less its mean over its deviation, times gamma, plus beta: the batch's in training, where
/// the moving statistics follow, else the moving ones; frozen, always those. Steps that a mask leaves out do not count.
/// Output of the input's shape.
class BatchNormalization : public Module {
public:
    explicit BatchNormalization(BatchNormalizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static BatchNormalization from_config(const Config& config);

private:
    Tensor inference(const Tensor& x) const;
    double bessel(const Tensor& x) const;

    BatchNormalizationOptions options_;
    Tensor gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace xg
