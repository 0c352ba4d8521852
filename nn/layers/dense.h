#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/affine.h"
#include "../module.h"

namespace xg {

struct DenseOptions {
    std::int64_t units = 0;
    Function activation = {};
    bool use_bias = true;
    Box<Initializer> kernel_initializer = defaults::kernel_initializer();
    Box<Initializer> bias_initializer = defaults::bias_initializer();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> bias_constraint = {};
};
/// activation(x kernel + bias). Input (batch, ..., features), output (batch, ..., units).
class Dense : public Module {
public:
    explicit Dense(std::int64_t units, Function activation = {})
        : Dense(DenseOptions{.units = units, .activation = std::move(activation)}) {}
    Dense(std::int64_t units, DenseOptions options) : Dense((options.units = units, std::move(options))) {}
    explicit Dense(DenseOptions options);
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static Dense from_config(const Config& config);

private:
    DenseOptions options_;
    Epilogue fused_;  // the activation, if it can run with the product
    Tensor kernel_, bias_;
};

}  // namespace xg
