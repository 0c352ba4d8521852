#pragma once
#include "../../autograd/ops/ctc.h"
#include "loss.h"

namespace xg {

/// ctc_loss with blank 0. y_true (batch, most labels), padded with 0 at the end, y_pred (batch, steps, classes) logits.
struct CTC : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override { return ctc_loss(y_pred, y_true); }
    bool from_logits() const override { return true; }
};

}  // namespace xg
