#pragma once
#include "../../autograd/function.h"
#include "../../autograd/ops/window.h"
#include "recurrent.h"

namespace xg {

struct ConvLSTMOptions {
    std::int64_t filters = 0;
    PerAxis kernel_size = {};
    PerAxis strides = 1;
    std::string padding = "valid";  // same
    std::string data_format = "channels_last";
    PerAxis dilation_rate = 1;
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
/// Input (batch, one to three spatial axes, channels), output (batch, spatial axes, filters), which is the next h.
class ConvLSTMCell : public KernelCell {
public:
    /// `layer` is for errors.
    ConvLSTMCell(int rank, const char* layer, ConvLSTMOptions options);
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;

private:
    Tensor gate_sums(const Tensor& x, const Tensor& kernel, double rate, bool of_state);
    bool channels_first() const { return options_.data_format == "channels_first"; }

    int rank_;
    ConvLSTMOptions options_;
};
/// ConvLSTMCell over time. Input (batch, steps, spatial axes, channels), output (batch, spatial axes, filters) or
/// (batch, steps, spatial axes, filters).
class ConvLSTM : public RNN {
public:
    void describe(Config& config) const override { describe_flat(config); }

protected:
    ConvLSTM(int rank, const char* layer, const ConvLSTMOptions& options);
    static ConvLSTMOptions with(std::int64_t filters, PerAxis kernel_size, ConvLSTMOptions options);
    static ConvLSTMOptions read_options(const char* layer, const Config& config);
};
/// Input (batch, steps, columns, channels), output (batch, columns, filters).
struct ConvLSTM1D : ConvLSTM {
    ConvLSTM1D(std::int64_t filters, PerAxis kernel_size, ConvLSTMOptions options = {})
        : ConvLSTM1D(with(filters, kernel_size, std::move(options))) {}
    explicit ConvLSTM1D(const ConvLSTMOptions& options) : ConvLSTM(1, "ConvLSTM1D", options) {}
    static ConvLSTM1D from_config(const Config& config) { return ConvLSTM1D(read_options("ConvLSTM1D", config)); }
};
/// Input (batch, steps, rows, columns, channels), output (batch, rows, columns, filters).
struct ConvLSTM2D : ConvLSTM {
    ConvLSTM2D(std::int64_t filters, PerAxis kernel_size, ConvLSTMOptions options = {})
        : ConvLSTM2D(with(filters, kernel_size, std::move(options))) {}
    explicit ConvLSTM2D(const ConvLSTMOptions& options) : ConvLSTM(2, "ConvLSTM2D", options) {}
    static ConvLSTM2D from_config(const Config& config) { return ConvLSTM2D(read_options("ConvLSTM2D", config)); }
};
/// Input (batch, steps, planes, rows, columns, channels), output (batch, planes, rows, columns, filters).
struct ConvLSTM3D : ConvLSTM {
    ConvLSTM3D(std::int64_t filters, PerAxis kernel_size, ConvLSTMOptions options = {})
        : ConvLSTM3D(with(filters, kernel_size, std::move(options))) {}
    explicit ConvLSTM3D(const ConvLSTMOptions& options) : ConvLSTM(3, "ConvLSTM3D", options) {}
    static ConvLSTM3D from_config(const Config& config) { return ConvLSTM3D(read_options("ConvLSTM3D", config)); }
};

}  // namespace xg
