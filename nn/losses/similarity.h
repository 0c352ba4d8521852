#pragma once
#include <vector>
#include "loss.h"

namespace xg {

struct CosineSimilarityOptions {
    std::vector<int> axis = {-1};
    ReductionName reduction = "sum_over_batch_size";
};
/// Minus the cosine of the angle between y_true and y_pred along the axes: -1 is best. A vector of zeros gives 0.
struct CosineSimilarity : LossOf<CosineSimilarityOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct CircleOptions {
    double gamma = 80, margin = 0.4;
    bool remove_diagonal = true;  // an embedding is no partner of itself
    ReductionName reduction = "sum_over_batch_size";
};
/// Circle loss of the pairs within a batch (Sun et al. 2020). y_true (batch,) class numbers, y_pred (batch, features)
/// of unit length. A row of loss 0, such as one without a partner of its class, is left out of the mean.
struct Circle : LossOf<CircleOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;

protected:
    Tensor counted(const Tensor& y_true, const Tensor& losses) const override;
};

// As in PyTorch, with its names and defaults; `reduction` is "mean", "sum" or "none".
struct TripletMarginOptions {
    double margin = 1, p = 2, eps = 1e-6;
    bool swap = false;  // measure to the negative from whichever of anchor and positive is nearer
    std::string reduction = "mean";
};
/// max(|anchor - positive + eps|_p - |anchor - negative + eps|_p + margin, 0) along the last axis.
Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           TripletMarginOptions options = {});
struct MarginOptions {
    double margin = 0;
    std::string reduction = "mean";
};
/// max(-y (x1 - x2) + margin, 0); y is 1 where x1 should be larger, else -1.
Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& y, MarginOptions options = {});
/// 1 - cos(x1, x2) where y is 1, max(cos(x1, x2) - margin, 0) where it is -1. x1, x2 (batch, features), y (batch,).
Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& y, MarginOptions options = {});

}  // namespace xg
