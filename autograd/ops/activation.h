#pragma once
#include "../../tensor/markers.h"

namespace xg {

// Keras' activations, with its defaults.
/// The identity.
Tensor linear(const Tensor& x);
/// max(x, 0).
Tensor relu(const Tensor& x);
Tensor relu6(const Tensor& x);
/// x above 0, e^x - 1 below.
Tensor elu(const Tensor& x);
/// Scaled elu (Klambauer et al. 2017).
Tensor selu(const Tensor& x);
/// x times the normal distribution function (Hendrycks & Gimpel 2016).
Tensor gelu(const Tensor& x);
/// x sigmoid(x), also called swish.
Tensor silu(const Tensor& x);
/// x tanh(softplus(x)) (Misra 2019).
Tensor mish(const Tensor& x);
/// x / (1 + |x|).
Tensor softsign(const Tensor& x);
Tensor log_sigmoid(const Tensor& x);
Tensor exponential(const Tensor& x);
/// relu6(x + 3) / 6.
Tensor hard_sigmoid(const Tensor& x);
/// x hard_sigmoid(x).
Tensor hard_silu(const Tensor& x);
/// x between -1 and 1.
Tensor hard_tanh(const Tensor& x);
/// x above 0, 0.2 x below, as in Keras.
Tensor leaky_relu(const Tensor& x);
Tensor celu(const Tensor& x);
Tensor tanh_shrink(const Tensor& x);
/// 0 within 0.5 of 0, else x.
Tensor hard_shrink(const Tensor& x);
/// x moved 0.5 towards 0.
Tensor soft_shrink(const Tensor& x);
/// (x + sqrt(x^2 + 4)) / 2.
Tensor squareplus(const Tensor& x);

struct GeluOptions {
    bool approximate = false;  // by tanh
};
Tensor gelu(const Tensor& x, GeluOptions options);
struct ReluOptions {
    double negative_slope = 0, max_value = __builtin_inf(), threshold = 0;
};
/// max_value above it, x above threshold, negative_slope (x - threshold) below.
Tensor relu(const Tensor& x, ReluOptions options);
struct EluOptions {
    double alpha = 1;
};
/// x above 0, alpha (e^x - 1) below.
Tensor elu(const Tensor& x, EluOptions options);
/// e^x over its sum along the axes; rows of -inf have gradient 0.
Tensor softmax(const Tensor& x, Axes axes = -1);
Tensor log_softmax(const Tensor& x, Axes axes = -1);

}  // namespace xg
