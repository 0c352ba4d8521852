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
/// x above 0, e^x - 1 below.
Tensor celu(const Tensor& x);
/// x - tanh(x).
Tensor tanh_shrink(const Tensor& x);
/// 0 within 0.5 of 0, else x.
Tensor hard_shrink(const Tensor& x);
/// x moved 0.5 towards 0.
Tensor soft_shrink(const Tensor& x);
/// (x + sqrt(x^2 + 4)) / 2.
Tensor squareplus(const Tensor& x);
/// 0 up to -1, x from 1 on, (x + 1)^2 / 4 between.
Tensor sparse_plus(const Tensor& x);
/// 0 up to -1, 1 from 1 on, (x + 1) / 2 between.
Tensor sparse_sigmoid(const Tensor& x);

struct GeluOptions {
    bool approximate = false;  // by tanh
};
Tensor gelu(const Tensor& x, GeluOptions options);
struct ReluOptions {
    double negative_slope = 0, max_value = __builtin_inf(), threshold = 0;
};
/// x above threshold, but within [0, max_value] if that is given; negative_slope (x - threshold) below.
Tensor relu(const Tensor& x, ReluOptions options);
struct EluOptions {
    double alpha = 1;
};
/// x above 0, alpha (e^x - 1) below.
Tensor elu(const Tensor& x, EluOptions options);
/// x above 0, alpha (e^(x / alpha) - 1) below: smooth for every alpha (Barron 2017). Throws for alpha 0.
Tensor celu(const Tensor& x, EluOptions options);
struct ShrinkOptions {
    double threshold = 0.5;
};
/// 0 within the threshold of 0, else x.
Tensor hard_shrink(const Tensor& x, ShrinkOptions options);
/// x moved towards 0 by the threshold.
Tensor soft_shrink(const Tensor& x, ShrinkOptions options);
struct SquareplusOptions {
    double b = 4;
};
/// (x + sqrt(x^2 + b)) / 2 (Barron 2021).
Tensor squareplus(const Tensor& x, SquareplusOptions options);
struct ThresholdActivation {
    double threshold, default_value;
};
/// x above the threshold, default_value elsewhere.
Tensor threshold(const Tensor& x, ThresholdActivation options);
/// x above 0, alpha x below; alpha broadcasts, and is learned. The gradient at 0 is 0.
Tensor prelu(const Tensor& x, const Tensor& alpha);
/// The first half along the axis times the sigmoid of the second (Dauphin et al. 2017).
Tensor glu(const Tensor& x, int axis = -1);
/// The nearest point of the simplex: shares along the axis that add up to 1, many of them 0 (Martins & Astudillo 2016).
Tensor sparsemax(const Tensor& x, int axis = -1);
/// e^x over its sum along the axes; rows of -inf have gradient 0.
Tensor softmax(const Tensor& x, Axes axes = -1);
Tensor log_softmax(const Tensor& x, Axes axes = -1);

}  // namespace xg
