#include "conv_lstm.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/convolution.h"
#include "recurrent_settings.h"
#include "spatial.h"

namespace xg {

template <class F> void cell_fields(ConvLSTMOptions& o, F&& field) {
    field("filters", o.filters);
    field("kernel_size", o.kernel_size);
    field("strides", o.strides);
    field("padding", o.padding);
    field("data_format", o.data_format);
    field("dilation_rate", o.dilation_rate);
    field("activation", o.activation);
    field("recurrent_activation", o.recurrent_activation);
    field("use_bias", o.use_bias);
    kernel_fields(o, field);
    field("unit_forget_bias", o.unit_forget_bias);
    field("dropout", o.dropout);
    field("recurrent_dropout", o.recurrent_dropout);
    field("seed", o.seed);
}
template <class F> void fields(ConvLSTMOptions& o, F&& field) {
    cell_fields(o, field);
    sequence_fields(o, field);
}

ConvLSTMCell::ConvLSTMCell(int rank, const char* layer, ConvLSTMOptions options)
    : rank_(rank), options_(std::move(options)) {
    const auto& o = options_;
    check_cell(layer, "filters", o.filters, o);
    detail::expect_windows(layer, rank, o.kernel_size, o.strides, o.dilation_rate);
    options_.padding = detail::padding_named(layer, o.padding, false);
    require<std::invalid_argument>(o.data_format == "channels_last" || o.data_format == "channels_first",
                                   "{}: expected data_format channels_last or channels_first, got \"{}\"", layer,
                                   o.data_format);
}
std::vector<Shape> ConvLSTMCell::state_shapes(const Shape& input) const {
    static constexpr const char* layouts[2][3] = {
        {"columns, channels", "rows, columns, channels", "planes, rows, columns, channels"},
        {"channels, columns", "channels, rows, columns", "channels, planes, rows, columns"}};
    const bool first = channels_first();
    require(input.rank() == rank_ + 2, "expected input (batch, {}) a step, got {}", layouts[first][rank_ - 1], input);
    Shape state{input[0]};
    if (first) state.push_back(options_.filters);
    for (int a = 0; a < rank_; ++a)
        state.push_back(detail::window("convolution", input[a + 1 + first], options_.kernel_size[a],
                                       options_.strides[a], options_.dilation_rate[a], options_.padding)
                            .out);
    if (!first) state.push_back(options_.filters);
    return {state, state};
}
void ConvLSTMCell::build(const Shape& input) {
    state_shapes(input);  // refuses what it cannot take
    Shape kernel = options_.kernel_size.for_axes(rank_), recurrent = kernel;
    const auto gates = 4 * options_.filters;
    kernel.push_back(channels_first() ? input[1] : input.back()), kernel.push_back(gates);
    recurrent.push_back(options_.filters), recurrent.push_back(gates);
    make_weights(options_, kernel, recurrent, {gates});
}
/// All gates at once, unless each is to drop entries of its own.
Tensor ConvLSTMCell::gate_sums(const Tensor& x, const Tensor& kernel, double rate, bool of_state) {
    const auto& o = options_;
    const ConvOptions how =
        of_state ? ConvOptions{.padding = "same"} : ConvOptions{o.strides, o.padding, o.dilation_rate};
    if (!modes.training || rate == 0) return conv(x, kernel, how);
    Tensors sums;
    for (const Tensor& part : split(kernel, 4, -1)) sums.push_back(conv(drop(x, rate, o.seed), part, how));
    return concatenate(sums, -1);
}
Recurrence ConvLSTMCell::next(const Tensor& x, const Tensors& states) {
    const auto channels = channels_first() ? x.shape()[1] : x.shape().back();
    require(channels == kernel_.shape()[rank_], "expected {} channels, got input {}", kernel_.shape()[rank_],
            x.shape());
    const auto& o = options_;
    const auto last = [&](const Tensor& t) { return channels_first() ? moveaxis(t, 1, -1) : t; };
    Tensor sums = gate_sums(last(x), kernel_, o.dropout, false);
    if (bias_.defined()) sums = sums + bias_;
    auto gates = split(sums + gate_sums(last(states[0]), recurrent_kernel_, o.recurrent_dropout, true), 4, -1);
    if (channels_first())
        for (Tensor& gate : gates) gate = moveaxis(gate, -1, 1);
    const Tensor c =
        o.recurrent_activation(gates[1]) * states[1] + o.recurrent_activation(gates[0]) * o.activation(gates[2]);
    const Tensor h = o.recurrent_activation(gates[3]) * o.activation(c);
    return {h, {h, c}};
}
void ConvLSTMCell::describe(Config& config) const { write(config, CellSettings<ConvLSTMOptions>{options_}); }

ConvLSTM::ConvLSTM(int rank, const char* layer, const ConvLSTMOptions& options)
    : RNN(ConvLSTMCell(rank, layer, without_sequence(options)), sequence_part(options)) {}
ConvLSTMOptions ConvLSTM::with(std::int64_t filters, PerAxis kernel_size, ConvLSTMOptions options) {
    options.filters = filters;
    options.kernel_size = kernel_size;
    return options;
}
ConvLSTMOptions ConvLSTM::read_options(const char* layer, const Config& config) {
    return read<ConvLSTMOptions>(layer, config);
}

}  // namespace xg
