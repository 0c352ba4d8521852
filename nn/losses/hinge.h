#pragma once
#include "loss.h"

namespace xg {

// Labels are -1 and 1; if all of a batch are 0 or 1, they are taken as -1 and 1.
/// Mean over the last axis of max(1 - y_true y_pred, 0).
struct Hinge : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of max(1 - y_true y_pred, 0)^2.
struct SquaredHinge : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// max(1 + best score of a wrong class - score of the right one, 0); y_true is one-hot.
struct CategoricalHinge : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

}  // namespace xg
