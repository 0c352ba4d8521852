#include "ctc.h"
#include "../../autograd/ops/logic.h"
#include "shared.h"

namespace xg {

Tensor CTC::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor mask = y_pred.mask();
    if (!mask.defined()) return ctc_loss(y_pred, y_true);
    const Tensor lengths = count_nonzero(mask, 1), first_steps = arange(mask.shape()[1]) < expand_dims(lengths, 1);
    require<std::invalid_argument>(array_equal(mask.to(boolean), first_steps),
                                   "CTC: expected a mask of first steps, got one with gaps");
    return ctc_loss(y_pred, y_true, {.logit_lengths = lengths});
}

Table<Loss> ctc_losses() { return {entry<CTC, Loss, LossOptions>("CTC")}; }

}  // namespace xg
