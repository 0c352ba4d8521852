#pragma once
#include "loss.h"

namespace xg {

/// Sum over the last axis of y log(y / p), both cut to [1e-7, 1] (Kullback & Leibler 1951). Not of log-probabilities:
/// that is kl_div.
struct KLDivergence : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of p - y log(p + 1e-7); y_pred are rates. PyTorch's takes their logarithm: that is
/// poisson_nll_loss.
struct Poisson : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

}  // namespace xg
