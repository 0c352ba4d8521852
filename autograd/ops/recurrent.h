#pragma once
#include "../../tensor/tensor.h"

namespace xg {

struct RecurrentOptions {
    Tensor mask = {};       // (batch, steps), false: the states stay as they are
    bool sequences = true;  // whether `outputs` is wanted
};
/// h after every step (batch, steps, units), undefined without options.sequences; h and c after the last.
struct LstmResult {
    Tensor outputs, h, c;
};
/// A long short-term memory over time: x (batch, steps, features), initial h and c (batch, units) or undefined for
/// zeros, kernel (features, 4 units), recurrent_kernel (units, 4 units), bias (4 units,) or undefined; gates i, f, c,
/// o.
LstmResult lstm(const Tensor& x, const Tensor& h, const Tensor& c, const Tensor& kernel, const Tensor& recurrent_kernel,
                const Tensor& bias, const RecurrentOptions& options = {});

struct GruResult {
    Tensor outputs, h;
};
/// A gated recurrent unit over time, the reset gate after the product: x (batch, steps, features), initial h (batch,
/// units) or undefined for zeros, kernel (features, 3 units), recurrent_kernel (units, 3 units), bias (2, 3 units) or
/// undefined; gates z, r, h.
GruResult gru(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
              const Tensor& bias, const RecurrentOptions& options = {});

namespace detail {
// The same, composed of other operations step by step: for second derivatives and vmap, and to test against.
LstmResult lstm_by_steps(const Tensor& x, const Tensor& h, const Tensor& c, const Tensor& kernel,
                         const Tensor& recurrent_kernel, const Tensor& bias, const RecurrentOptions& options);
GruResult gru_by_steps(const Tensor& x, const Tensor& h, const Tensor& kernel, const Tensor& recurrent_kernel,
                       const Tensor& bias, const RecurrentOptions& options);
}  // namespace detail

}  // namespace xg
