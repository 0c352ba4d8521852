#pragma once
#include <array>
#include "../tensor/tensor.h"

namespace xg {

/// While it lives, what softmax and sigmoid compute on this thread is remembered with the logits it came from, the
/// latest few, as long as none of it is changed in place. So a loss of probabilities can be computed from the logits,
/// which lose nothing at the ends.
class KeepLogits {
public:
    [[nodiscard]] KeepLogits();
    ~KeepLogits();
    KeepLogits(const KeepLogits&) = delete;

private:
    friend void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes);
    friend void note_affine_logits(const Tensor& x, const Tensor& kernel, const Tensor& bias, const Tensor& sigmoid);
    friend Tensor logits_of(const Tensor& probabilities, unsigned axes);
    struct Pair {
        Tensor probabilities, logits;
        unsigned axes = 0;
        Tensor kernel = {}, bias = {};  // if the logits, never computed, are affine(logits, kernel, bias)
        std::uint64_t changes = 0;      // in place, of all these, when it was noted

        std::uint64_t changes_by_now() const;
    };
    void note(Pair pair);
    std::array<Pair, 4> pairs_;
    std::size_t next_ = 0;
    KeepLogits* outer_;
};
/// `axes` has bit a set for each axis of a softmax; 0 for a sigmoid.
void note_logits(const Tensor& logits, const Tensor& probabilities, unsigned axes);
/// The same of sigmoid(affine(x, kernel, bias)) in one pass: the logits are computed should anyone ask for them.
void note_affine_logits(const Tensor& x, const Tensor& kernel, const Tensor& bias, const Tensor& sigmoid);
/// What these very probabilities were computed from; undefined if that was not remembered.
Tensor logits_of(const Tensor& probabilities, unsigned axes);

}  // namespace xg
