#pragma once
#include "../autograd/function.h"
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

}  // namespace xg
