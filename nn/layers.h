#pragma once
#include "../autograd/function.h"
#include "../autograd/ops/activation.h"
#include "module.h"

namespace xg {

struct DenseOptions {
    std::int64_t units = 0;
    Function activation = {};
    bool use_bias = true;
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
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

private:
    DenseOptions options_;
    Tensor kernel_, bias_;
};

/// The shape of one example, and its type: what follows is built at once.
class Input : public Module {
public:
    explicit Input(const Shape& shape, DType dtype = f32) : shape_(shape), dtype_(dtype) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    /// A batch of one row of zeros.
    Tensor example() const;

private:
    Shape shape_;
    DType dtype_;
};

struct DropoutOptions {
    double rate = 0;
    std::int64_t seed = -1;  // -1: from the global stream
};
/// In training each value is 0 with probability `rate`, else divided by 1 - rate; otherwise the input unchanged.
class Dropout : public Module {
public:
    explicit Dropout(double rate) : Dropout(DropoutOptions{.rate = rate}) {}
    explicit Dropout(DropoutOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;

private:
    DropoutOptions options_;
    std::uint64_t calls_ = 0;
};

/// Input (batch, ...), output (batch, everything else).
struct Flatten : Module {
    Tensor forward(const Tensor& x) override;
    void describe(Config&) const override {}
};

/// Input (batch, ...), output (batch, target...); one extent may be -1.
class Reshape : public Module {
public:
    explicit Reshape(const Shape& target) : target_(target) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;

private:
    Shape target_;
};

/// A function as a layer.
class Activation : public Module {
public:
    explicit Activation(Function f) : f_(std::move(f)) {}
    Tensor forward(const Tensor& x) override { return f_(x); }
    void describe(Config& config) const override;

private:
    Function f_;
};

// Activations with settings. Input of any shape, output of the same.
/// max_value above it, x above threshold, negative_slope (x - threshold) below.
class ReLU : public Module {
public:
    explicit ReLU(ReluOptions options = {});
    Tensor forward(const Tensor& x) override { return relu(x, options_); }
    void describe(Config& config) const override;

private:
    ReluOptions options_;
};
struct LeakyReLUOptions {
    double negative_slope = 0.3;
};
/// x above 0, negative_slope x below. 0.3 is Keras' default here, 0.2 that of leaky_relu().
class LeakyReLU : public Module {
public:
    explicit LeakyReLU(LeakyReLUOptions options = {});
    Tensor forward(const Tensor& x) override { return relu(x, {.negative_slope = options_.negative_slope}); }
    void describe(Config& config) const override;

private:
    LeakyReLUOptions options_;
};
/// x above 0, alpha (e^x - 1) below.
class ELU : public Module {
public:
    explicit ELU(EluOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x) override { return elu(x, options_); }
    void describe(Config& config) const override;

private:
    EluOptions options_;
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

private:
    SoftmaxOptions options_;
};
/// The input unchanged.
struct Identity : Module {
    Tensor forward(const Tensor& x) override { return x; }
    void describe(Config&) const override {}
};

}  // namespace xg
