#pragma once
#include "../../autograd/ops/ctc.h"
#include "loss.h"

namespace xg {

/// ctc_loss with blank 0. y_true (batch, most labels), padded with 0 at the end, y_pred (batch, steps, classes) logits.
/// A mask on y_pred says how many steps of a row count; it must be true first, then false.
struct CTC : LossOf<LossOptions> {
    using LossOf::LossOf;
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    bool from_logits() const override { return true; }

protected:
    Tensor mask_of(const Tensor&) const override { return {}; }
};

}  // namespace xg
