#include "conv_lstm.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/linear_algebra.h"
#include "recurrent_settings.h"

namespace xg {

template <class F> void cell_fields(ConvLSTM2DOptions& o, F&& field) {
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
template <class F> void fields(ConvLSTM2DOptions& o, F&& field) {
    cell_fields(o, field);
    sequence_fields(o, field);
}

namespace {
/// One spatial axis of a convolution.
struct Window {
    std::int64_t size, stride, dilation;
    bool same;
    std::int64_t reach() const { return (size - 1) * dilation + 1; }
    std::int64_t outputs(std::int64_t n) const {
        return same ? (n + stride - 1) / stride : n < reach() ? 0 : (n - reach()) / stride + 1;
    }
    Padding padding(std::int64_t n) const {
        const auto missing = same ? std::max<std::int64_t>((outputs(n) - 1) * stride + reach() - n, 0) : 0;
        return {missing / 2, missing - missing / 2};
    }
    /// Where the window's place `i` lies for every output.
    Slice places(std::int64_t i, std::int64_t n) const {
        return {i * dilation, i * dilation + (outputs(n) - 1) * stride + 1, stride};
    }
};
/// One product for each place in the window.
Tensor convolve(const Tensor& x, const Tensor& kernel, const Window& rows, const Window& columns) {
    const auto height = x.shape()[1], width = x.shape()[2];
    const Tensor padded = pad(x, {{}, rows.padding(height), columns.padding(width), {}});
    Tensor y;
    for (std::int64_t i = 0; i < rows.size; ++i)
        for (std::int64_t j = 0; j < columns.size; ++j) {
            const Tensor at = matmul(padded(all, rows.places(i, height), columns.places(j, width)), kernel[i][j]);
            y = y.defined() ? y + at : at;
        }
    return y;
}
Window window(const ConvLSTM2DOptions& o, std::size_t axis, bool of_state) {
    const auto of = [&](const std::vector<int>& v) { return std::int64_t(v[v.size() == 1 ? 0 : axis]); };
    if (of_state) return {of(o.kernel_size), 1, 1, true};
    return {of(o.kernel_size), of(o.strides), of(o.dilation_rate), o.padding == "same"};
}
}  // namespace

ConvLSTM2DCell::ConvLSTM2DCell(ConvLSTM2DOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    check_cell("ConvLSTM2D", "filters", o.filters, o);
    for (const auto* each : {&o.kernel_size, &o.strides, &o.dilation_rate})
        require<std::invalid_argument>(
            (each->size() == 1 || each->size() == 2) && std::ranges::all_of(*each, [](int n) { return n > 0; }),
            "ConvLSTM2D: expected kernel_size, strides and dilation_rate of one or two numbers > 0, got {}",
            Shape(each->begin(), each->end()));
    require<std::invalid_argument>(o.padding == "valid" || o.padding == "same",
                                   "ConvLSTM2D: expected padding valid or same, got \"{}\"", o.padding);
    require<std::invalid_argument>(o.data_format == "channels_last" || o.data_format == "channels_first",
                                   "ConvLSTM2D: expected data_format channels_last or channels_first, got \"{}\"",
                                   o.data_format);
}
std::vector<Shape> ConvLSTM2DCell::state_shapes(const Shape& input) const {
    const bool first = channels_first();
    require(input.rank() == 4, "expected input (batch, {}) a step, got {}",
            first ? "channels, rows, columns" : "rows, columns, channels", input);
    const Window rows = window(options_, 0, false), columns = window(options_, 1, false);
    const auto height = rows.outputs(input[1 + first]), width = columns.outputs(input[2 + first]);
    require(height > 0 && width > 0, "expected rows and columns for one window of {} x {}, got input {}", rows.reach(),
            columns.reach(), input);
    const Shape state =
        first ? Shape{input[0], options_.filters, height, width} : Shape{input[0], height, width, options_.filters};
    return {state, state};
}
void ConvLSTM2DCell::build(const Shape& input) {
    state_shapes(input);  // refuses what it cannot take
    const auto rows = window(options_, 0, false).size, columns = window(options_, 1, false).size;
    const auto gates = 4 * options_.filters;
    make_weights(options_, {rows, columns, channels_first() ? input[1] : input.back(), gates},
                 {rows, columns, options_.filters, gates}, {gates});
}
/// All gates at once, unless each is to drop entries of its own.
Tensor ConvLSTM2DCell::gate_sums(const Tensor& x, const Tensor& kernel, double rate, bool of_state) {
    const Window rows = window(options_, 0, of_state), columns = window(options_, 1, of_state);
    if (!modes.training || rate == 0) return convolve(x, kernel, rows, columns);
    Tensors sums;
    for (const Tensor& part : split(kernel, 4, -1))
        sums.push_back(convolve(drop(x, rate, options_.seed), part, rows, columns));
    return concatenate(sums, -1);
}
Recurrence ConvLSTM2DCell::next(const Tensor& x, const Tensors& states) {
    const auto channels = x.shape()[channels_first() ? 1 : 3];
    require(channels == kernel_.shape()[2], "expected {} channels, got input {}", kernel_.shape()[2], x.shape());
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
void ConvLSTM2DCell::describe(Config& config) const { write(config, CellSettings<ConvLSTM2DOptions>{options_}); }

ConvLSTM2D::ConvLSTM2D(const ConvLSTM2DOptions& options)
    : RNN(ConvLSTM2DCell(without_sequence(options)), sequence_part(options)) {}
ConvLSTM2D ConvLSTM2D::from_config(const Config& config) {
    return ConvLSTM2D(read<ConvLSTM2DOptions>("ConvLSTM2D", config));
}

}  // namespace xg
