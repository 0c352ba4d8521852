#include "simple_rnn.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/linear_algebra.h"
#include "recurrent_settings.h"

namespace xg {

template <class F> void cell_fields(SimpleRNNOptions& o, F&& field) {
    field("units", o.units);
    field("activation", o.activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("dropout", o.dropout);
    field("recurrent_dropout", o.recurrent_dropout);
    field("seed", o.seed);
}
template <class F> void fields(SimpleRNNOptions& o, F&& field) {
    cell_fields(o, field);
    sequence_fields(o, field);
}

SimpleRNNCell::SimpleRNNCell(SimpleRNNOptions options) : options_(std::move(options)) {
    check_cell("SimpleRNNCell", "units", options_.units, options_);
}
std::vector<Shape> SimpleRNNCell::state_shapes(const Shape& input) const { return {{input[0], options_.units}}; }
void SimpleRNNCell::build(const Shape& input) {
    require(input.rank() == 2, "expected input (batch, features), got {}", input);
    const auto units = options_.units;
    make_weights(options_, {input.back(), units}, {units, units}, {units});
}
Recurrence SimpleRNNCell::next(const Tensor& x, const Tensors& states) {
    expect_features(x, kernel_);
    Tensor sums = matmul(drop(x, options_.dropout, options_.seed), kernel_) +
                  matmul(drop(states[0], options_.recurrent_dropout, options_.seed), recurrent_kernel_);
    if (bias_.defined()) sums = sums + bias_;
    const Tensor h = options_.activation(sums);
    return {h, {h}};
}
void SimpleRNNCell::describe(Config& config) const { write(config, CellSettings<SimpleRNNOptions>{options_}); }
SimpleRNNCell SimpleRNNCell::from_config(const Config& config) {
    return SimpleRNNCell(read<CellSettings<SimpleRNNOptions>>("SimpleRNNCell", config).options);
}

SimpleRNN::SimpleRNN(const SimpleRNNOptions& options)
    : RNN(SimpleRNNCell(without_sequence(options)), sequence_part(options)) {}
SimpleRNN SimpleRNN::from_config(const Config& config) {
    return SimpleRNN(read<SimpleRNNOptions>("SimpleRNN", config));
}

}  // namespace xg
