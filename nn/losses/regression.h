#pragma once
#include "loss.h"

namespace xg {

/// Mean over the last axis of (y_true - y_pred)^2.
struct MeanSquaredError : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of |y_true - y_pred|.
struct MeanAbsoluteError : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of 100 |y_true - y_pred| / max(|y_true|, 1e-7).
struct MeanAbsolutePercentageError : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of (log(1 + y_true) - log(1 + y_pred))^2; values below 1e-7 count as that.
struct MeanSquaredLogarithmicError : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of log(cosh(y_pred - y_true)): quadratic near 0, linear far away.
struct LogCosh : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct HuberOptions {
    double delta = 1;
    ReductionName reduction = "sum_over_batch_size";
};
/// Quadratic within delta, linear beyond (Huber 1964); PyTorch's smooth_l1_loss is this over its beta.
struct Huber : LossOf<HuberOptions> {
    explicit Huber(HuberOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// 1/2 the squared distance of each example; with the default reduction C = 1/(2n) sum ||y_true - y_pred||^2.
struct QuadraticCost : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// C = 1/(2n) sum over the n rows of ||y_true - y_pred||^2.
Tensor quadratic_cost(const Tensor& y_true, const Tensor& y_pred);

}  // namespace xg
