#pragma once
// What several losses need; for their .cpp files.
#include "../../autograd/map.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"
#include "loss.h"

namespace xg {

template <class F> void fields(LossOptions& o, F&& field) { field("reduction", o.reduction); }

namespace detail {
inline constexpr double tiny = 1e-7;  // Keras' epsilon: probabilities are cut to [tiny, 1 - tiny]

/// y_true in y_pred's dtype and shape. Extents of one at the end may be missing in one of them; nothing else
/// broadcasts.
Tensor matched(const char* loss, const Tensor& y_true, const Tensor& y_pred);
/// y_true in y_pred's dtype; throws unless the shapes are equal.
Tensor of_one_shape(const char* loss, const Tensor& y_true, const Tensor& y_pred);
/// Labels, one a row of y_pred (..., classes), as int64 (...); an extent of one at the end may be more.
Tensor labels_of_rows(const char* loss, const Tensor& y_true, const Tensor& y_pred);
/// With this axis behind the others; x itself if it stands there.
Tensor axis_last(const Tensor& x, int axis);
inline Tensor last_mean(const Tensor& x) { return x.rank() ? mean(x, -1) : x; }
/// max(x, 0); at 0 itself the gradient still passes, as in Keras.
Tensor positive_part(const Tensor& x);
inline Tensor last_sum(const Tensor& x) { return x.rank() ? sum(x, -1) : x; }
/// -y log p - (1 - y) log(1 - p) of each element, from the logits where y_pred are those or they are remembered.
Tensor binary_crossentropy(const Tensor& y, const Tensor& y_pred, bool from_logits);
void require_smoothing(const char* loss, double share);
/// "mean", "sum" or "none", as PyTorch's functions reduce.
Tensor reduced_as(const char* loss, const Tensor& values, const std::string& reduction);
}  // namespace detail

// The table's rows, a family each.
Table<Loss> regression_losses();
Table<Loss> distribution_losses();
Table<Loss> crossentropy_losses();
Table<Loss> focal_losses();
Table<Loss> hinge_losses();
Table<Loss> overlap_losses();
Table<Loss> similarity_losses();
Table<Loss> ctc_losses();

}  // namespace xg
