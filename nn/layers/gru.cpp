#include "gru.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/recurrent.h"
#include "recurrent_settings.h"

namespace xg {

template <class F> void cell_fields(GRUOptions& o, F&& field) {
    field("units", o.units);
    field("activation", o.activation);
    field("recurrent_activation", o.recurrent_activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("dropout", o.dropout);
    field("recurrent_dropout", o.recurrent_dropout);
    field("reset_after", o.reset_after);
    field("seed", o.seed);
}
template <class F> void fields(GRUOptions& o, F&& field) {
    cell_fields(o, field);
    sequence_fields(o, field);
}

GRUCell::GRUCell(GRUOptions options) : options_(std::move(options)) {
    check_cell("GRUCell", "units", options_.units, options_);
}
std::vector<Shape> GRUCell::state_shapes(const Shape& input) const { return {{input[0], options_.units}}; }
void GRUCell::build(const Shape& input) {
    require(input.rank() == 2, "expected input (batch, features), got {}", input);
    const auto units = options_.units;
    make_weights(options_, {input.back(), 3 * units}, {units, 3 * units},
                 options_.reset_after ? Shape{2, 3 * units} : Shape{3 * units});
}
Recurrence GRUCell::next(const Tensor& x, const Tensors& states) {
    expect_features(x, kernel_);
    const auto& o = options_;
    const Tensor h = states[0], dropped = drop(h, o.recurrent_dropout, o.seed);
    Tensor sums = matmul(drop(x, o.dropout, o.seed), kernel_);
    if (bias_.defined()) sums = sums + (o.reset_after ? bias_[0] : bias_);
    const auto from_x = split(sums, 3, -1);
    const auto recurrent = split(recurrent_kernel_, {2 * o.units}, -1);
    Tensor inner = matmul(dropped, o.reset_after ? recurrent_kernel_ : recurrent[0]);
    if (bias_.defined() && o.reset_after) inner = inner + bias_[1];
    const auto from_h = split(inner, o.reset_after ? 3 : 2, -1);
    const Tensor z = o.recurrent_activation(from_x[0] + from_h[0]), r = o.recurrent_activation(from_x[1] + from_h[1]);
    const Tensor reset = o.reset_after ? r * from_h[2] : matmul(r * dropped, recurrent[1]);
    const Tensor y = z * h + (1 - z) * o.activation(from_x[2] + reset);
    return {y, {y}};
}
Recurrence GRUCell::over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) {
    const auto& o = options_;
    const bool usual = o.reset_after && o.activation.name() == "tanh" && o.recurrent_activation.name() == "sigmoid";
    if (!usual || (modes.training && o.recurrent_dropout > 0))
        return RecurrentCell::over_time(x, states, mask, sequences);
    expect_features(x, kernel_);
    const Tensor in = drop_features(x, o.dropout, o.seed);
    const auto [ys, h] = gru(in, states.empty() ? Tensor() : states[0], kernel_, recurrent_kernel_, bias_,
                             {.mask = mask, .sequences = sequences});
    return {from_first_real(sequences ? ys : h, states, mask), {h}};
}
void GRUCell::describe(Config& config) const { write(config, CellSettings<GRUOptions>{options_}); }
GRUCell GRUCell::from_config(const Config& config) {
    return GRUCell(read<CellSettings<GRUOptions>>("GRUCell", config).options);
}

GRU::GRU(const GRUOptions& options) : RNN(GRUCell(without_sequence(options)), sequence_part(options)) {}
GRU GRU::from_config(const Config& config) { return GRU(read<GRUOptions>("GRU", config)); }

}  // namespace xg
