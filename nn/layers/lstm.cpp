#include "lstm.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/recurrent.h"
#include "recurrent_settings.h"

namespace xg {

template <class F> void cell_fields(LSTMOptions& o, F&& field) {
    field("units", o.units);
    field("activation", o.activation);
    field("recurrent_activation", o.recurrent_activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("unit_forget_bias", o.unit_forget_bias);
    field("dropout", o.dropout);
    field("recurrent_dropout", o.recurrent_dropout);
    field("seed", o.seed);
}
template <class F> void fields(LSTMOptions& o, F&& field) {
    cell_fields(o, field);
    sequence_fields(o, field);
}

LSTMCell::LSTMCell(LSTMOptions options) : options_(std::move(options)) {
    check_cell("LSTMCell", "units", options_.units, options_);
}
std::vector<Shape> LSTMCell::state_shapes(const Shape& input) const {
    return {{input[0], options_.units}, {input[0], options_.units}};
}
void LSTMCell::build(const Shape& input) {
    require(input.rank() == 2, "expected input (batch, features), got {}", input);
    const auto units = options_.units;
    make_weights(options_, {input.back(), 4 * units}, {units, 4 * units}, {4 * units});
}
Recurrence LSTMCell::next(const Tensor& x, const Tensors& states) {
    expect_features(x, kernel_);
    const auto& o = options_;
    Tensor sums = matmul(drop(x, o.dropout, o.seed), kernel_) +
                  matmul(drop(states[0], o.recurrent_dropout, o.seed), recurrent_kernel_);
    if (bias_.defined()) sums = sums + bias_;
    const auto gates = split(sums, 4, -1);
    const Tensor c =
        o.recurrent_activation(gates[1]) * states[1] + o.recurrent_activation(gates[0]) * o.activation(gates[2]);
    const Tensor h = o.recurrent_activation(gates[3]) * o.activation(c);
    return {h, {h, c}};
}
Recurrence LSTMCell::over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) {
    const auto& o = options_;
    const bool usual = o.activation.name() == "tanh" && o.recurrent_activation.name() == "sigmoid";
    if (!usual || (modes.training && o.recurrent_dropout > 0))
        return RecurrentCell::over_time(x, states, mask, sequences);
    expect_features(x, kernel_);
    const Tensor in = drop_features(x, o.dropout, o.seed), none_yet;
    const bool given = !states.empty();
    const auto [ys, h, c] = lstm(in, given ? states[0] : none_yet, given ? states[1] : none_yet, kernel_,
                                 recurrent_kernel_, bias_, {.mask = mask, .sequences = sequences});
    return {from_first_real(sequences ? ys : h, states, mask), {h, c}};
}
void LSTMCell::describe(Config& config) const { write(config, CellSettings<LSTMOptions>{options_}); }
LSTMCell LSTMCell::from_config(const Config& config) {
    return LSTMCell(read<CellSettings<LSTMOptions>>("LSTMCell", config).options);
}

LSTM::LSTM(const LSTMOptions& options) : RNN(LSTMCell(without_sequence(options)), sequence_part(options)) {}
LSTM LSTM::from_config(const Config& config) { return LSTM(read<LSTMOptions>("LSTM", config)); }

}  // namespace xg
