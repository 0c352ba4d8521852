#pragma once
#include "../tensor.h"

namespace xg::kernel {

// Recurrent layers over all steps at once, gradients included; everything is time-major and contiguous. Rows of the
// batch go through time on their own, so tiles of them are shared out, and results do not depend on the thread count.
struct RecurrentSize {
    std::int64_t steps, batch, units;
};

/// What the forward pass leaves for the backward pass: activated gates (steps, batch, gates units), the states before
/// the first step and after each (steps + 1, batch, units), and for a GRU what the reset gate multiplies.
struct RecurrentTrace {
    Tensor gates, hidden, cells, inner;
};
/// What comes in and what goes out of a backward pass; undefined where it is not wanted.
struct RecurrentGradient {
    Tensor outputs;             // (batch, steps, units), of the outputs
    Tensor hidden, cells;       // (batch, units), of the last states; then of the first ones
    Tensor sums_x, sums_h;      // (steps, batch, gates units), of what the gates were computed from; one for an LSTM
    Tensor bias_x, bias_h;      // (gates units,), their sums over steps and batch
    bool first_hidden = false;  // whether the gradient of the initial h is wanted
};

/// `trace` holds the products with the inputs in `gates` and the initial states in row 0; `mask` (steps, batch) may be
/// undefined, `bias` too; `outputs` (batch, steps, units) is written if defined. `from_zero`: the initial h is 0.
template <class T> void lstm_forward(const RecurrentSize& size, RecurrentTrace& trace, const Tensor& recurrent_kernel,
                                     const Tensor& bias, const Tensor& mask, bool from_zero, Tensor& outputs);
template <class T> void lstm_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                      const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient);
/// `bias` (2, 3 units): of the input's and of the state's product.
template <class T> void gru_forward(const RecurrentSize& size, RecurrentTrace& trace, const Tensor& recurrent_kernel,
                                    const Tensor& bias, const Tensor& mask, bool from_zero, Tensor& outputs);
template <class T> void gru_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                     const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient);

}  // namespace xg::kernel
