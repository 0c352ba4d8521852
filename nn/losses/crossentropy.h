#pragma once
#include <optional>
#include "loss.h"

namespace xg {

// From probabilities these cut them to [1e-7, 1 - 1e-7], beyond which the gradient is 0; with from_logits nothing is
// cut. In fit and evaluate, outputs that come straight from softmax or sigmoid are computed from the logits.
struct CrossentropyOptions {
    bool from_logits = false;
    double label_smoothing = 0;
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// -y log p - (1 - y) log(1 - p), mean over the axis. y_true and y_pred of one shape.
struct BinaryCrossentropy : LossOf<CrossentropyOptions> {
    explicit BinaryCrossentropy(CrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    bool from_logits() const override { return options_.from_logits; }
};
/// -sum of y log p along the axis; y_true are probabilities, one-hot for classes.
struct CategoricalCrossentropy : LossOf<CrossentropyOptions> {
    explicit CategoricalCrossentropy(CrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    bool from_logits() const override { return options_.from_logits; }
};
struct SparseCrossentropyOptions {
    bool from_logits = false;
    std::optional<std::int64_t> ignore_class = {};  // examples of this class count for nothing
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// -log p[label]. y_true (batch, ...) class numbers, y_pred (batch, ..., classes).
struct SparseCategoricalCrossentropy : LossOf<SparseCrossentropyOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    bool from_logits() const override { return options_.from_logits; }
    std::int64_t classes(const Tensor& y_pred) const override;

protected:
    Tensor counted(const Tensor& y_true, const Tensor& losses) const override;
};
/// "crossentropy": binary, sparse categorical or categorical, of probabilities, by the shapes.
struct CrossentropyByShape : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

}  // namespace xg
