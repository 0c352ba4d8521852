#pragma once
#include <vector>
#include "loss.h"

namespace xg {

// Losses that PyTorch has and Keras has not, with PyTorch's names, defaults and order of arguments: (input, target).
// `reduction` is "mean", "sum" or "none"; the mean of nll_loss and cross_entropy divides by the weights of the targets.
struct ClassLossOptions {
    std::vector<double> weight = {};   // of each class; empty: all 1
    std::int64_t ignore_index = -100;  // targets of this class count for nothing
    double label_smoothing = 0;        // of cross_entropy
    std::string reduction = "mean";
};
/// -input[target]. Log-probabilities (batch, classes, ...), targets (batch, ...).
Tensor nll_loss(const Tensor& input, const Tensor& target, ClassLossOptions options = {});
/// -log softmax(input)[target] along axis 1. Logits (batch, classes, ...), targets (batch, ...).
Tensor cross_entropy(const Tensor& input, const Tensor& target, ClassLossOptions options = {});

struct BinaryLogitsOptions {
    std::vector<double> pos_weight = {};  // of target 1, one for each entry of the last axis; empty: all 1
    std::string reduction = "mean";
};
/// -w y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)) of logits z and targets y of one shape.
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, BinaryLogitsOptions options = {});

struct KLDivOptions {
    bool log_target = false;         // the target too is a logarithm
    std::string reduction = "mean";  // over all elements; "batchmean" divides by the batch, as the formula wants it
};
/// target (log target - input), input log-probabilities.
Tensor kl_div(const Tensor& input, const Tensor& target, KLDivOptions options = {});

struct PoissonNLLOptions {
    bool log_input = true;  // the input is the logarithm of the rate
    bool full = false;      // add Stirling's approximation of log(target!) where target > 1
    double eps = 1e-8;      // added to the rate inside its logarithm
    std::string reduction = "mean";
};
/// rate - target log(rate).
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, PoissonNLLOptions options = {});

struct GaussianNLLOptions {
    bool full = false;  // add log(2 pi) / 2
    double eps = 1e-6;  // a variance below counts as this; the gradient still reaches it
    std::string reduction = "mean";
};
/// (log(var) + (input - target)^2 / var) / 2; all three of one shape. Throws if a variance is negative.
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, GaussianNLLOptions options = {});

}  // namespace xg
