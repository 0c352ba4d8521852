#pragma once
#include "../../autograd/function.h"
#include "recurrent.h"

namespace xg {

/// Of the layer and of its cell; a cell refuses what belongs to a sequence.
struct SimpleRNNOptions {
    std::int64_t units = 0;
    Function activation = "tanh";
    bool use_bias = true;
    Box<Initializer> kernel_initializer = defaults::input_initializer();
    Box<Initializer> recurrent_initializer = defaults::recurrent_initializer();
    Box<Initializer> bias_initializer = defaults::recurrent_bias_initializer();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> recurrent_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> recurrent_constraint = {};
    Box<Constraint> bias_constraint = {};
    double dropout = 0, recurrent_dropout = 0;  // of the input and of the state, the same in every step
    bool return_sequences = false, return_state = false, go_backwards = false, stateful = false, unroll = false;
    bool zero_output_for_mask = false;
    std::int64_t seed = -1;
};
/// activation(x kernel + h recurrent_kernel + bias), its own next state. Input (batch, features), output (batch,
/// units).
class SimpleRNNCell : public KernelCell {
public:
    explicit SimpleRNNCell(SimpleRNNOptions options);
    explicit SimpleRNNCell(std::int64_t units, SimpleRNNOptions options = {})
        : SimpleRNNCell((options.units = units, std::move(options))) {}
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static SimpleRNNCell from_config(const Config& config);

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;

private:
    SimpleRNNOptions options_;
};
/// SimpleRNNCell over time. Input (batch, steps, features), output (batch, units) or (batch, steps, units).
class SimpleRNN : public RNN {
public:
    explicit SimpleRNN(const SimpleRNNOptions& options);
    explicit SimpleRNN(std::int64_t units, SimpleRNNOptions options = {})
        : SimpleRNN((options.units = units, std::move(options))) {}
    void describe(Config& config) const override { describe_flat(config); }
    static SimpleRNN from_config(const Config& config);
};

}  // namespace xg
