#include "crossentropy.h"
#include "../../autograd/logits.h"
#include "../../autograd/ops/activation.h"
#include "../../autograd/ops/loss.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
unsigned bit_of(int axis, const Tensor& x) { return 1u << normalize_axis(axis, x.rank(), "loss"); }
/// The logarithm of probabilities. What comes straight from softmax needs no cut: only zero is kept away.
Tensor log_of_cut(const Tensor& p, bool from_softmax) {
    return log(from_softmax ? maximum(p, p.dtype() == f32 ? 1e-37 : 1e-300) : clip(p, tiny, 1 - tiny));
}
}  // namespace

Tensor detail::binary_crossentropy(const Tensor& y, const Tensor& y_pred, bool from_logits) {
    const Tensor logits = from_logits ? y_pred : logits_of(y_pred, 0);
    if (logits.defined()) return sigmoid_cross_entropy(logits, y);
    return map(
        "binary_crossentropy", [](auto t, auto p) { return -(t * log(p) + (1 - t) * log(1 - p)); }, y,
        clip(y_pred, tiny, 1 - tiny));
}

BinaryCrossentropy::BinaryCrossentropy(CrossentropyOptions options) : LossOf(std::move(options)) {
    require_smoothing("BinaryCrossentropy", options_.label_smoothing);
}
Tensor BinaryCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double s = options_.label_smoothing;
    Tensor y = matched("BinaryCrossentropy", y_true, y_pred);
    if (s > 0) y = y * (1 - s) + 0.5 * s;
    const Tensor losses = binary_crossentropy(y, y_pred, options_.from_logits);
    return losses.rank() ? mean(losses, options_.axis) : losses;
}
Tensor BinaryCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? sigmoid(y_pred) : y_pred;
}

CategoricalCrossentropy::CategoricalCrossentropy(CrossentropyOptions options) : LossOf(std::move(options)) {
    require_smoothing("CategoricalCrossentropy", options_.label_smoothing);
}
Tensor CategoricalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double s = options_.label_smoothing;
    const int axis = normalize_axis(options_.axis, y_pred.rank(), "CategoricalCrossentropy");
    Tensor y = of_one_shape("CategoricalCrossentropy", y_true, y_pred);
    if (s > 0) y = y * (1 - s) + s / double(y_pred.shape().back());  // as Keras, whatever the axis
    const Tensor logits = options_.from_logits ? y_pred : logits_of(y_pred, 1u << axis);
    const Tensor log_p = logits.defined()
                             ? log_softmax(logits, axis)
                             : log_of_cut(y_pred / sum(y_pred, axis, {.keepdims = true}), y_pred.impl()->from_softmax);
    return -sum(y * log_p, axis);
}
Tensor CategoricalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? softmax(y_pred, options_.axis) : y_pred;
}

Tensor SparseCategoricalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor logits = options_.from_logits ? y_pred : logits_of(y_pred, bit_of(options_.axis, y_pred));
    const Tensor scores = axis_last(logits.defined() ? logits : y_pred, options_.axis);
    Tensor labels = labels_of_rows("SparseCategoricalCrossentropy", y_true, scores);
    if (options_.ignore_class) labels = where(labels == *options_.ignore_class, 0, labels);
    const Tensor losses =
        sparse_cross_entropy(logits.defined() ? scores : log_of_cut(scores, y_pred.impl()->from_softmax), labels);
    return options_.ignore_class ? losses * reshape(counted(y_true, losses), losses.shape()) : losses;
}
Tensor SparseCategoricalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? softmax(y_pred, options_.axis) : y_pred;
}
std::int64_t SparseCategoricalCrossentropy::classes(const Tensor& y_pred) const {
    if (options_.ignore_class) return 0;
    return y_pred.shape()[normalize_axis(options_.axis, y_pred.rank(), "SparseCategoricalCrossentropy")];
}
Tensor SparseCategoricalCrossentropy::counted(const Tensor& y_true, const Tensor& losses) const {
    return options_.ignore_class ? reshape(y_true.to(i64) != *options_.ignore_class, losses.shape()) : Tensor();
}

Tensor CrossentropyByShape::each(const Tensor& y_true, const Tensor& y_pred) const {
    const auto one = [](const Tensor& x) { return x.rank() > 0 && x.shape().back() == 1; };
    if (one(y_pred)) return BinaryCrossentropy().each(y_true, y_pred);
    if (y_true.rank() < y_pred.rank() || one(y_true)) return SparseCategoricalCrossentropy().each(y_true, y_pred);
    return CategoricalCrossentropy().each(y_true, y_pred);
}

template <class F> void fields(CrossentropyOptions& o, F&& field) {
    field("from_logits", o.from_logits);
    field("label_smoothing", o.label_smoothing);
    field("axis", o.axis);
    field("reduction", o.reduction);
}
template <class F> void fields(SparseCrossentropyOptions& o, F&& field) {
    field("from_logits", o.from_logits);
    field("ignore_class", o.ignore_class);
    field("axis", o.axis);
    field("reduction", o.reduction);
}
Table<Loss> crossentropy_losses() {
    return {entry<BinaryCrossentropy, Loss, CrossentropyOptions>("BinaryCrossentropy", {"bce", "BCE"}),
            entry<CategoricalCrossentropy, Loss, CrossentropyOptions>("CategoricalCrossentropy"),
            entry<SparseCategoricalCrossentropy, Loss, SparseCrossentropyOptions>("SparseCategoricalCrossentropy"),
            entry<CrossentropyByShape, Loss, LossOptions>("crossentropy", {"ce"})};
}

}  // namespace xg
