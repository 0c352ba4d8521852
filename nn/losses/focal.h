#pragma once
#include <vector>
#include "loss.h"

namespace xg {

struct BinaryFocalCrossentropyOptions {
    bool apply_class_balancing = false;  // weigh 1 by alpha and 0 by 1 - alpha
    double alpha = 0.25, gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// Binary cross-entropy times (1 - probability of the right answer)^gamma, mean over the axis (Lin et al. 2017).
struct BinaryFocalCrossentropy : LossOf<BinaryFocalCrossentropyOptions> {
    explicit BinaryFocalCrossentropy(BinaryFocalCrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    bool from_logits() const override { return options_.from_logits; }
};
struct CategoricalFocalCrossentropyOptions {
    std::vector<double> alpha = {0.25};  // the classes' weights, or one for all
    double gamma = 2;
    bool from_logits = false;
    double label_smoothing = 0;
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// -sum of alpha (1 - p)^gamma y log p along the axis; probabilities are cut to [1e-7, 1 - 1e-7], with from_logits too.
struct CategoricalFocalCrossentropy : LossOf<CategoricalFocalCrossentropyOptions> {
    explicit CategoricalFocalCrossentropy(CategoricalFocalCrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    bool from_logits() const override { return options_.from_logits; }
};
struct GeneralizedCrossEntropyOptions {
    double q = 0.5;
    ReductionName reduction = "sum_over_batch_size";
};
/// (1 - p[label]^q) / q: cross-entropy as q goes to 0, absolute error at 1 (Zhang & Sabuncu 2018). y_true (batch, ...)
/// class numbers, y_pred (batch, ..., classes) probabilities.
struct CategoricalGeneralizedCrossEntropy : LossOf<GeneralizedCrossEntropyOptions> {
    explicit CategoricalGeneralizedCrossEntropy(GeneralizedCrossEntropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::int64_t classes(const Tensor& y_pred) const override { return y_pred.shape().back(); }
};

}  // namespace xg
