#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/activation.h"
#include "../module.h"

namespace xg {

struct ActivationOptions {
    Function activation = {};
};
/// A function as a layer.
class Activation : public Module {
public:
    explicit Activation(Function f) : f_(std::move(f)) { adopt(f_); }
    Tensor forward(const Tensor& x) override { return f_(x); }
    void describe(Config& config) const override;
    static Activation from_config(const Config& config);

private:
    Function f_;
};

// Activations with settings. Input of any shape, output of the same.
/// x above threshold, but within [0, max_value] if that is given; negative_slope (x - threshold) below.
class ReLU : public Module {
public:
    explicit ReLU(ReluOptions options = {});
    Tensor forward(const Tensor& x) override { return relu(x, options_); }
    void describe(Config& config) const override;
    static ReLU from_config(const Config& config);

private:
    ReluOptions options_;
};
struct LeakyReLUOptions {
    double negative_slope = defaults::either(0.3, 0.01);
};
/// x above 0, negative_slope x below. 0.3 is Keras' default here (PyTorch's 0.01), 0.2 that of leaky_relu().
class LeakyReLU : public Module {
public:
    explicit LeakyReLU(LeakyReLUOptions options = {});
    Tensor forward(const Tensor& x) override { return relu(x, {.negative_slope = options_.negative_slope}); }
    void describe(Config& config) const override;
    static LeakyReLU from_config(const Config& config);

private:
    LeakyReLUOptions options_;
};
/// x above 0, alpha (e^x - 1) below.
class ELU : public Module {
public:
    explicit ELU(EluOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x) override { return elu(x, options_); }
    void describe(Config& config) const override;
    static ELU from_config(const Config& config);

private:
    EluOptions options_;
};
struct PReLUOptions {
    Box<Initializer> alpha_initializer = defaults::either<Box<Initializer>>(Zeros(), Constant({.value = 0.25}));
    Box<Regularizer> alpha_regularizer = {};
    Box<Constraint> alpha_constraint = {};
    std::vector<int> shared_axes = {};  // of the input, the batch being 0: one alpha for all entries along them
};
/// x above 0, alpha x below, alpha learned for each entry of an example (He et al. 2015).
class PReLU : public Module {
public:
    explicit PReLU(PReLUOptions options = {}) : options_(std::move(options)) {}
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static PReLU from_config(const Config& config);

private:
    PReLUOptions options_;
    Tensor alpha_;
};
struct SoftmaxOptions {
    std::vector<int> axis = {-1};  // one or several
};
/// Shares that add up to 1 along `axis`. With a second input, a mask, what is false there gets 0.
class Softmax : public Module {
public:
    explicit Softmax(SoftmaxOptions options = {}) : options_(std::move(options)) {}
    Tensor forward(const Tensor& x) override;
    Tensor forward(const Tensors& x_and_mask) override;
    void describe(Config& config) const override;
    static Softmax from_config(const Config& config);

private:
    SoftmaxOptions options_;
};
/// The input unchanged.
struct Identity : Module {
    Tensor forward(const Tensor& x) override { return x; }
    void describe(Config&) const override {}
};

}  // namespace xg
