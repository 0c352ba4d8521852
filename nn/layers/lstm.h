#pragma once
#include "../../autograd/function.h"
#include "recurrent.h"

namespace xg {

/// Of the layer and of its cell; a cell refuses what belongs to a sequence.
struct LSTMOptions {
    std::int64_t units = 0;
    Function activation = "tanh", recurrent_activation = "sigmoid";
    bool use_bias = true;
    Box<Initializer> kernel_initializer = defaults::input_initializer();
    Box<Initializer> recurrent_initializer = defaults::recurrent_initializer();
    Box<Initializer> bias_initializer = defaults::recurrent_bias_initializer();
    bool unit_forget_bias = defaults::either(true, false);  // the forget gate's bias begins with 1
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
/// States h = o tanh(c) and c = f c + i c' (Gers et al. 2000). Kernels hold i, f, c, o side by side.
/// Input (batch, features), output (batch, units), which is the next h.
class LSTMCell : public KernelCell {
public:
    explicit LSTMCell(LSTMOptions options);
    explicit LSTMCell(std::int64_t units, LSTMOptions options = {})
        : LSTMCell((options.units = units, std::move(options))) {}
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static LSTMCell from_config(const Config& config);

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;
    Recurrence over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) override;

private:
    LSTMOptions options_;
};
/// LSTMCell over time. Input (batch, steps, features), output (batch, units) or (batch, steps, units).
class LSTM : public RNN {
public:
    explicit LSTM(const LSTMOptions& options);
    explicit LSTM(std::int64_t units, LSTMOptions options = {}) : LSTM((options.units = units, std::move(options))) {}
    void describe(Config& config) const override { describe_flat(config); }
    static LSTM from_config(const Config& config);
};

}  // namespace xg
