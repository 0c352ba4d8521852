#pragma once
#include <vector>
#include "loss.h"

namespace xg {

struct DiceOptions {
    std::vector<int> axis = {};  // summed over; none: all, one loss for the batch
    ReductionName reduction = "sum_over_batch_size";
};
/// 1 - 2 |y and p| / (|y| + |p|), the share by which two regions miss each other (Dice 1945).
struct Dice : LossOf<DiceOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct TverskyOptions {
    double alpha = 0.5, beta = 0.5;
    std::vector<int> axis = {};  // summed over; none: all, one loss for the batch
    ReductionName reduction = "sum_over_batch_size";
};
/// 1 - tp / (tp + alpha fn + beta fp) of soft counts (Salehi et al. 2017). As in Keras, alpha weighs what is missed and
/// beta what is too much, the other way round than in the paper.
struct Tversky : LossOf<TverskyOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

}  // namespace xg
