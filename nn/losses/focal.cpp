#include "focal.h"
#include "../../autograd/ops/activation.h"
#include "../../autograd/ops/indexing.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
void require_gamma(const char* loss, double gamma) {
    require<std::invalid_argument>(gamma >= 0, "{}: expected gamma >= 0, got {}", loss, gamma);
}
}  // namespace

BinaryFocalCrossentropy::BinaryFocalCrossentropy(BinaryFocalCrossentropyOptions options) : LossOf(std::move(options)) {
    require_smoothing("BinaryFocalCrossentropy", options_.label_smoothing);
    require_gamma("BinaryFocalCrossentropy", options_.gamma);
}
Tensor BinaryFocalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double s = options_.label_smoothing, a = options_.alpha;
    Tensor y = matched("BinaryFocalCrossentropy", y_true, y_pred);
    if (s > 0) y = y * (1 - s) + 0.5 * s;
    const Tensor wrong = map(
        "focal_factor", [](auto t, auto p) { return 1 - (t * p + (1 - t) * (1 - p)); }, y, predictions(y_pred));
    Tensor losses = binary_crossentropy(y, y_pred, options_.from_logits) * pow(wrong, options_.gamma);
    if (options_.apply_class_balancing) losses = losses * (y * a + (1 - y) * (1 - a));
    return losses.rank() ? mean(losses, options_.axis) : losses;
}
Tensor BinaryFocalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? sigmoid(y_pred) : y_pred;
}

CategoricalFocalCrossentropy::CategoricalFocalCrossentropy(CategoricalFocalCrossentropyOptions options)
    : LossOf(std::move(options)) {
    require_smoothing("CategoricalFocalCrossentropy", options_.label_smoothing);
    require_gamma("CategoricalFocalCrossentropy", options_.gamma);
    require<std::invalid_argument>(!options_.alpha.empty(),
                                   "CategoricalFocalCrossentropy: expected alpha, got an empty list");
}
Tensor CategoricalFocalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double s = options_.label_smoothing;
    Tensor y = of_one_shape("CategoricalFocalCrossentropy", y_true, y_pred);
    const int axis = normalize_axis(options_.axis, y.rank(), "CategoricalFocalCrossentropy");
    const auto classes = y.shape()[axis];
    const auto given = std::int64_t(options_.alpha.size());
    require(given == 1 || given == classes,
            "CategoricalFocalCrossentropy: expected alpha for each of {} classes or one for all, got {}", classes,
            given);
    Shape along;
    for (int a = 0; a < y.rank(); ++a) along.push_back(a == axis ? given : 1);
    const Tensor alpha = Tensor::of<double>(along, options_.alpha).to(y.dtype());
    if (s > 0) y = y * (1 - s) + s / double(y.shape().back());  // as Keras, whatever the axis
    const Tensor given_p = predictions(y_pred);
    const Tensor p = clip(given_p / sum(given_p, axis, {.keepdims = true}), tiny, 1 - tiny);
    return -sum(alpha * pow(1 - p, options_.gamma) * y * log(p), axis);
}
Tensor CategoricalFocalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? softmax(y_pred, options_.axis) : y_pred;
}

CategoricalGeneralizedCrossEntropy::CategoricalGeneralizedCrossEntropy(GeneralizedCrossEntropyOptions options)
    : LossOf(std::move(options)) {
    require<std::invalid_argument>(0 < options_.q && options_.q < 1,
                                   "CategoricalGeneralizedCrossEntropy: expected 0 < q < 1, got {}", options_.q);
}
Tensor CategoricalGeneralizedCrossEntropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor labels = labels_of_rows("CategoricalGeneralizedCrossEntropy", y_true, y_pred);
    const Tensor right = squeeze(take_along_axis(y_pred, expand_dims(labels, -1)), -1);
    const double q = options_.q;
    return map(
        "generalized_cross_entropy", right, [=](auto p) { return (1 - exp(q * log(p))) / q; },
        [=](auto dy, auto p) { return -dy * exp((q - 1) * log(maximum(p, tiny))); });  // finite at 0
}

template <class F> void fields(BinaryFocalCrossentropyOptions& o, F&& field) {
    field("apply_class_balancing", o.apply_class_balancing);
    field("alpha", o.alpha);
    field("gamma", o.gamma);
    field("from_logits", o.from_logits);
    field("label_smoothing", o.label_smoothing);
    field("axis", o.axis);
    field("reduction", o.reduction);
}
template <class F> void fields(CategoricalFocalCrossentropyOptions& o, F&& field) {
    field("alpha", o.alpha);
    field("gamma", o.gamma);
    field("from_logits", o.from_logits);
    field("label_smoothing", o.label_smoothing);
    field("axis", o.axis);
    field("reduction", o.reduction);
}
template <class F> void fields(GeneralizedCrossEntropyOptions& o, F&& field) {
    field("q", o.q);
    field("reduction", o.reduction);
}
Table<Loss> focal_losses() {
    return {
        entry<BinaryFocalCrossentropy, Loss, BinaryFocalCrossentropyOptions>("BinaryFocalCrossentropy"),
        entry<CategoricalFocalCrossentropy, Loss, CategoricalFocalCrossentropyOptions>("CategoricalFocalCrossentropy"),
        entry<CategoricalGeneralizedCrossEntropy, Loss, GeneralizedCrossEntropyOptions>(
            "CategoricalGeneralizedCrossEntropy")};
}

}  // namespace xg
