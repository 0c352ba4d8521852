#pragma once
#include "../../tensor/tensor.h"

namespace xg {

struct CtcOptions {
    Tensor logit_lengths = {};  // (batch,) steps that count; all if left out
    Tensor label_lengths = {};  // (batch,); if left out, a row of labels ends at its first blank
    std::int64_t blank = 0;     // the class that stands for no label
};
/// -log of the probability that steps of softmax(logits), repeats merged and blanks dropped, spell the labels (Graves
/// et al. 2006). Logits (batch, steps, classes), labels (batch, most labels); the result is (batch,). Labels that do
/// not fit into the steps cost infinity, with gradient 0.
Tensor ctc_loss(const Tensor& logits, const Tensor& labels, CtcOptions options = {});

namespace detail {
/// The same from plain operations, a step after the other: the rule for higher derivatives, and the kernel's oracle.
Tensor ctc_loss_by_steps(const Tensor& logits, const Tensor& labels, const CtcOptions& options);
}  // namespace detail

}  // namespace xg
