#pragma once
#include <array>
#include "../tensor/tensor.h"

namespace xg {

/// While it lives, what softmax and sigmoid compute on this thread is remembered with the logits it came from, the
/// latest few. So a loss of probabilities can be computed from the logits, which lose nothing at the ends.
class KeepLogits {
public:
    [[nodiscard]] KeepLogits();
    ~KeepLogits();
    KeepLogits(const KeepLogits&) = delete;

private:
    friend bool keeps_logits();
    friend void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes);
    friend Tensor logits_of(const Tensor& probabilities, unsigned axes);
    struct Pair {
        Tensor logits, probabilities;
        unsigned axes = 0;
    };
    std::array<Pair, 4> pairs_;
    std::size_t next_ = 0;
    KeepLogits* outer_;
};
/// Whether a KeepLogits lives on this thread.
bool keeps_logits();
/// `axes` has bit a set for each axis of a softmax; 0 for a sigmoid.
void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes);
/// What these very probabilities were computed from; undefined if that was not remembered.
Tensor logits_of(const Tensor& probabilities, unsigned axes);

}  // namespace xg
