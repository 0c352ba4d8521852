#pragma once
#include "../../tensor/tensor.h"

namespace xg {

/// -log softmax(logits)[label] of each row, as one stable operation. Logits (..., classes), integer labels (...); the
/// result has the labels' shape. Throws if a label is outside.
Tensor sparse_cross_entropy(const Tensor& logits, const Tensor& labels);
/// -y log sigmoid(z) - (1 - y) log(1 - sigmoid(z)) of each element of logits z, without overflow.
Tensor sigmoid_cross_entropy(const Tensor& logits, const Tensor& targets);

}  // namespace xg
