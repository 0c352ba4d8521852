#pragma once
#include "../tensor.h"

namespace xg::kernel {

// Recurrent layers over all steps at once, gradients included; everything is time-major and contiguous. Rows of the
// batch go through time on their own, so tiles of them are shared out, and results do not depend on the thread count.
struct RecurrentSize {
    std::int64_t steps, batch, units, features;
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

/// x (steps, batch, features) and what multiplies it and the states; `bias` and `mask` (steps, batch) may be undefined.
struct RecurrentInput {
    Tensor x, kernel, recurrent_kernel, bias, mask;
    bool from_zero;  // the initial h is 0
};

/// `trace` has room for all and holds the initial states; `outputs` (batch, steps, units) is written if defined.
template <class T>
void lstm_forward(const RecurrentSize& size, RecurrentTrace& trace, const RecurrentInput& in, Tensor& outputs);
template <class T> void lstm_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                      const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient);
/// `bias` (2, 3 units): of the input's and of the state's product.
template <class T>
void gru_forward(const RecurrentSize& size, RecurrentTrace& trace, const RecurrentInput& in, Tensor& outputs);
template <class T> void gru_backward(const RecurrentSize& size, const RecurrentTrace& trace,
                                     const Tensor& recurrent_kernel, const Tensor& mask, RecurrentGradient& gradient);

}  // namespace xg::kernel
