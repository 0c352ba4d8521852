#pragma once
#include "../../autograd/function.h"
#include "recurrent.h"

namespace xg {

/// Of the layer and of its cell; a cell refuses what belongs to a sequence.
struct GRUOptions {
    std::int64_t units = 0;
    Function activation = "tanh", recurrent_activation = "sigmoid";
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
    bool reset_after = true;  // the reset gate acts on the product with the state, not on the state
    std::int64_t seed = -1;
};
/// z h + (1 - z) h', with gates z and r (Cho et al. 2014). Kernels hold z, r, h side by side; the bias is (2, 3 units)
/// with reset_after. Input (batch, features), output (batch, units), its own next state.
class GRUCell : public KernelCell {
public:
    explicit GRUCell(GRUOptions options);
    explicit GRUCell(std::int64_t units, GRUOptions options = {})
        : GRUCell((options.units = units, std::move(options))) {}
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static GRUCell from_config(const Config& config);

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;
    Recurrence over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) override;

private:
    GRUOptions options_;
};
/// GRUCell over time. Input (batch, steps, features), output (batch, units) or (batch, steps, units).
class GRU : public RNN {
public:
    explicit GRU(const GRUOptions& options);
    explicit GRU(std::int64_t units, GRUOptions options = {}) : GRU((options.units = units, std::move(options))) {}
    void describe(Config& config) const override { describe_flat(config); }
    static GRU from_config(const Config& config);
};

}  // namespace xg
