#pragma once
#include "../../autograd/function.h"
#include "recurrent.h"

namespace xg {

struct ConvLSTM2DOptions {
    std::int64_t filters = 0;
    std::vector<int> kernel_size = {}, strides = {1};  // one for both axes, or one an axis
    std::string padding = "valid";                     // same
    std::string data_format = "channels_last";
    std::vector<int> dilation_rate = {1};
    Function activation = "tanh", recurrent_activation = "sigmoid";
    bool use_bias = true;
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> recurrent_initializer = Orthogonal();
    Box<Initializer> bias_initializer = Zeros();
    bool unit_forget_bias = true;  // the forget gate's bias begins with 1
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> recurrent_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> recurrent_constraint = {};
    Box<Constraint> bias_constraint = {};
    double dropout = 0, recurrent_dropout = 0;  // for each gate on its own, the same in every step
    bool return_sequences = false, return_state = false, go_backwards = false, stateful = false, unroll = false;
    bool zero_output_for_mask = false;
    std::int64_t seed = -1;
};
/// An LSTM cell whose products are convolutions (Shi et al. 2015); that of the state is padded to keep its size.
/// Input (batch, rows, columns, channels), output (batch, rows, columns, filters), which is the next h.
class ConvLSTM2DCell : public KernelCell {
public:
    explicit ConvLSTM2DCell(ConvLSTM2DOptions options);
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;

private:
    Tensor gate_sums(const Tensor& x, const Tensor& kernel, double rate, bool of_state);
    bool channels_first() const { return options_.data_format == "channels_first"; }

    ConvLSTM2DOptions options_;
};
/// ConvLSTM2DCell over time. Input (batch, steps, rows, columns, channels), output (batch, rows, columns, filters) or
/// (batch, steps, rows, columns, filters).
class ConvLSTM2D : public RNN {
public:
    explicit ConvLSTM2D(const ConvLSTM2DOptions& options);
    ConvLSTM2D(std::int64_t filters, std::vector<int> kernel_size, ConvLSTM2DOptions options = {})
        : ConvLSTM2D((options.filters = filters, options.kernel_size = std::move(kernel_size), std::move(options))) {}
    void describe(Config& config) const override { describe_flat(config); }
    static ConvLSTM2D from_config(const Config& config);
};

}  // namespace xg
