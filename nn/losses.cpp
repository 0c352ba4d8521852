#include "losses.h"
#include "../autograd/map.h"
#include "../autograd/node.h"
#include "../autograd/ops/activation.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/loss.h"
#include "../autograd/ops/reduction.h"
#include "config.h"

namespace xg {

namespace {
constexpr double tiny = 1e-7;  // Keras' epsilon: probabilities are cut to [tiny, 1 - tiny]

/// y_true in y_pred's dtype and shape. Extents of one at the end may be missing in one of them; nothing else
/// broadcasts.
Tensor matched(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
    const Tensor y = y_true.to(y_pred.dtype());
    const auto without_last = [](const Shape& s) {
        return Shape(s.begin(), s.end() - (s.rank() > 0 && s.back() == 1));
    };
    require(y.shape() == y_pred.shape() || without_last(y.shape()) == y_pred.shape() ||
                y.shape() == without_last(y_pred.shape()),
            "{}: expected y_true and y_pred of one shape, got {} and {}", loss, y_true.shape(), y_pred.shape());
    return y.shape() == y_pred.shape() ? y : reshape(y, y_pred.shape());
}
Tensor last_mean(const Tensor& x) { return x.rank() ? mean(x, -1) : x; }
Tensor last_sum(const Tensor& x) { return x.rank() ? sum(x, -1) : x; }
/// Probabilities as their logarithm takes them. What comes straight from softmax is as good as logits, and Keras
/// computes it from them in fit: only zero is kept away.
Tensor cut(const Tensor& p, const Tensor& y_pred) {
    if (!y_pred.impl()->from_softmax) return clip(p, tiny, 1 - tiny);
    return maximum(p, p.dtype() == f32 ? 1e-37 : 1e-300);
}
/// The classes' axis last.
Tensor classes_last(const Tensor& x, int axis) {
    const int at = normalize_axis(axis, x.rank(), "loss");
    if (at == x.rank() - 1) return x;
    int order[max_rank], next = 0;
    for (int a = 0; a < x.rank(); ++a)
        if (a != at) order[next++] = a;
    order[next] = at;
    return detail::permute(x, order);
}
void require_smoothing(const char* loss, double s) {
    require<std::invalid_argument>(0 <= s && s <= 1, "{}: expected 0 <= label_smoothing <= 1, got {}", loss, s);
}
}  // namespace

Loss::Loss(ReductionName reduction) : reduction_(std::move(reduction)) {
    const auto& r = reduction_;
    require<std::invalid_argument>(
        r == "sum_over_batch_size" || r == "mean" || r == "sum" || r == "mean_with_sample_weight" || r == "none",
        "loss: expected reduction sum_over_batch_size, mean, sum, mean_with_sample_weight or none, got {}", r);
}

Tensor Loss::operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
    Tensor values = each(y_true, y_pred);
    Tensor keep = counted(y_true);
    if (const Tensor mask = y_pred.mask(); mask.defined())
        keep = keep.defined() ? (keep * mask).to(boolean) : mask.to(boolean);
    double count = double(values.numel());
    Tensor weights;
    if (sample_weight.defined()) {
        require(values.rank() > 0, "loss: expected a loss of each example for sample_weight, got one of the batch");
        weights = sample_weight.to(values.dtype());
        while (weights.rank() < values.rank()) weights = expand_dims(weights, -1);
        if (weights.numel() == values.numel()) weights = reshape(weights, values.shape());
        bool fits = weights.rank() == values.rank();
        for (int a = 0; fits && a < values.rank(); ++a)
            fits = weights.shape()[a] == 1 || weights.shape()[a] == values.shape()[a];
        require(fits, "loss: expected one sample_weight an example {}, got {}", values.shape(), sample_weight.shape());
    }
    if (keep.defined()) {
        // The divisor is what counts; the mean below divides by everything.
        const Tensor kept = broadcast_to(keep, values.shape()).to(values.dtype());
        weights = weights.defined() ? weights * kept : kept;
        count = sum(kept).item();
    }
    if (weights.defined()) values = values * weights;
    if (reduction_ == "none") return values;
    if (reduction_ == "mean_with_sample_weight" && weights.defined())
        return sum(values) * (sum(weights).item() != 0 ? 1 / sum(weights).item() : 0);
    const Tensor total = sum(values);
    return reduction_ == "sum" ? total : total * (count > 0 ? 1 / count : 0);
}

Tensor MeanSquaredError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "squared_error", [](auto y, auto p) { return (p - y) * (p - y); }, matched("MeanSquaredError", y_true, y_pred),
        y_pred));
}
Tensor MeanAbsoluteError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "absolute_error", [](auto y, auto p) { return abs(p - y); }, matched("MeanAbsoluteError", y_true, y_pred),
        y_pred));
}
Tensor Huber::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double d = delta_;
    const Tensor off = y_pred - matched("Huber", y_true, y_pred);
    return last_mean(map(
        "huber", off, [=](auto e) { return where(abs(e) <= d, 0.5 * e * e, d * abs(e) - 0.5 * d * d); },
        [=](auto dy, auto e) { return dy * minimum(maximum(e, -d), d); }));
}
Tensor QuadraticCost::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_sum(map(
        "quadratic_cost", [](auto y, auto p) { return 0.5 * (p - y) * (p - y); },
        matched("quadratic_cost", y_true, y_pred), y_pred));
}
Tensor quadratic_cost(const Tensor& y_true, const Tensor& y_pred) {
    require(y_true.shape() == y_pred.shape(), "quadratic_cost: expected y_true and y_pred of one shape, got {} and {}",
            y_true.shape(), y_pred.shape());
    return QuadraticCost()(y_true, y_pred);
}

BinaryCrossentropy::BinaryCrossentropy(CrossentropyOptions options)
    : Loss(options.reduction), options_(std::move(options)) {
    require_smoothing("BinaryCrossentropy", options_.label_smoothing);
}
Tensor BinaryCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double s = options_.label_smoothing;
    Tensor y = matched("BinaryCrossentropy", y_true, y_pred);
    if (s > 0) y = y * (1 - s) + 0.5 * s;
    const Tensor losses =
        options_.from_logits
            ? sigmoid_cross_entropy(y_pred, y)
            : map(
                  "binary_crossentropy", [](auto t, auto p) { return -(t * log(p) + (1 - t) * log(1 - p)); }, y,
                  clip(y_pred, tiny, 1 - tiny));
    return losses.rank() ? mean(losses, options_.axis) : losses;
}
Tensor BinaryCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? sigmoid(y_pred) : y_pred;
}

CategoricalCrossentropy::CategoricalCrossentropy(CrossentropyOptions options)
    : Loss(options.reduction), options_(std::move(options)) {
    require_smoothing("CategoricalCrossentropy", options_.label_smoothing);
}
Tensor CategoricalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require(y_true.shape() == y_pred.shape(),
            "CategoricalCrossentropy: expected y_true and y_pred of one shape, got {} and {}", y_true.shape(),
            y_pred.shape());
    const double s = options_.label_smoothing;
    const int axis = options_.axis;
    Tensor y = y_true.to(y_pred.dtype());
    if (s > 0)
        y = y * (1 - s) + s / double(y_pred.shape()[normalize_axis(axis, y_pred.rank(), "CategoricalCrossentropy")]);
    const Tensor log_p = options_.from_logits ? log_softmax(y_pred, axis)
                                              : log(cut(y_pred / sum(y_pred, axis, {.keepdims = true}), y_pred));
    return -sum(y * log_p, axis);
}
Tensor CategoricalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? softmax(y_pred, options_.axis) : y_pred;
}

Tensor SparseCategoricalCrossentropy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor scores = classes_last(y_pred, options_.axis);
    const Shape rows(scores.shape().begin(), scores.shape().end() - 1);
    Tensor labels = y_true.to(i64);
    if (labels.rank() == scores.rank() && labels.shape().back() == 1)
        labels = reshape(labels, Shape(labels.shape().begin(), labels.shape().end() - 1));
    require(labels.shape() == rows,
            "SparseCategoricalCrossentropy: expected one label a row of y_pred, got y_true {} and y_pred {}",
            y_true.shape(), y_pred.shape());
    if (options_.ignore_class) labels = where(labels == *options_.ignore_class, 0, labels);
    const Tensor losses = sparse_cross_entropy(options_.from_logits ? scores : log(cut(scores, y_pred)), labels);
    return options_.ignore_class ? losses * reshape(counted(y_true), losses.shape()) : losses;
}
Tensor SparseCategoricalCrossentropy::predictions(const Tensor& y_pred) const {
    return options_.from_logits ? softmax(y_pred, options_.axis) : y_pred;
}
Tensor SparseCategoricalCrossentropy::counted(const Tensor& y_true) const {
    return options_.ignore_class ? y_true.to(i64) != *options_.ignore_class : Tensor();
}

template <class F> void fields(LossOptions& o, F&& field) { field("reduction", o.reduction); }
template <class F> void fields(HuberOptions& o, F&& field) {
    field("delta", o.delta);
    field("reduction", o.reduction);
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
template <> const Table<Loss>& table<Loss>() {
    static const Table<Loss> entries{
        entry<BinaryCrossentropy, Loss, CrossentropyOptions>("BinaryCrossentropy", {"bce"}),
        entry<CategoricalCrossentropy, Loss, CrossentropyOptions>("CategoricalCrossentropy"),
        entry<SparseCategoricalCrossentropy, Loss, SparseCrossentropyOptions>("SparseCategoricalCrossentropy"),
        entry<MeanSquaredError, Loss, LossOptions>("MeanSquaredError", {"mse"}),
        entry<MeanAbsoluteError, Loss, LossOptions>("MeanAbsoluteError", {"mae"}),
        entry<Huber, Loss, HuberOptions>("Huber"),
        entry<QuadraticCost, Loss, LossOptions>("QuadraticCost")};
    return entries;
}
template <> Box<Loss> make<Loss>(const char* name, const Config* config) {
    return from_table<Loss>("loss", name, config);
}

}  // namespace xg
