#include "logits.h"
#include <utility>
#include "node.h"
#include "ops/affine.h"

namespace xg {

namespace {
constinit thread_local KeepLogits* keeper = nullptr;
}

KeepLogits::KeepLogits() : outer_(keeper) { keeper = this; }
KeepLogits::~KeepLogits() { keeper = outer_; }

std::uint64_t KeepLogits::Pair::changes_by_now() const {
    std::uint64_t sum = 0;
    for (const Tensor* t : {&probabilities, &logits, &kernel, &bias}) sum += t->defined() ? t->version() : 0;
    return sum;
}
void KeepLogits::note(Pair pair) {
    pair.changes = pair.changes_by_now();
    pairs_[next_] = std::move(pair);
    next_ = (next_ + 1) % pairs_.size();
}
void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes) {
    if (keeper) keeper->note({probabilities, logits, axes});
}
void note_affine_logits(const Tensor& x, const Tensor& kernel, const Tensor& bias, const Tensor& sigmoid) {
    if (keeper) keeper->note({sigmoid, x, 0, kernel, bias});
}
Tensor logits_of(const Tensor& probabilities, unsigned axes) {
    if (keeper)
        for (const auto& pair : keeper->pairs_)
            if (pair.probabilities.defined() && pair.probabilities.impl() == probabilities.impl() &&
                pair.axes == axes && pair.changes == pair.changes_by_now())
                return pair.kernel.defined() ? affine(pair.logits, pair.kernel, pair.bias) : pair.logits;
    return {};
}

}  // namespace xg
