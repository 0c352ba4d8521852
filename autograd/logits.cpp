#include "logits.h"

namespace xg {

namespace {
constinit thread_local KeepLogits* keeper = nullptr;
}

KeepLogits::KeepLogits() : outer_(keeper) { keeper = this; }
KeepLogits::~KeepLogits() { keeper = outer_; }

bool keeps_logits() { return keeper; }
void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes) {
    if (!keeper) return;
    keeper->pairs_[keeper->next_] = {logits, probabilities, axes};
    keeper->next_ = (keeper->next_ + 1) % keeper->pairs_.size();
}
Tensor logits_of(const Tensor& probabilities, unsigned axes) {
    if (keeper)
        for (const auto& pair : keeper->pairs_)
            if (pair.probabilities.defined() && pair.probabilities.impl() == probabilities.impl() && pair.axes == axes)
                return pair.logits;
    return {};
}

}  // namespace xg
