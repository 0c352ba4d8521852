#include "counts.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "shared.h"

namespace xg::detail {

ThresholdCounts::ThresholdCounts(std::vector<double> thresholds, std::int64_t labels)
    : thresholds_(std::move(thresholds)), sorted_(thresholds_), labels_(labels) {
    std::sort(sorted_.begin(), sorted_.end());
    reset();
}
void ThresholdCounts::reset() {
    positive_.assign((sorted_.size() + 1) * labels_, 0);
    negative_ = positive_;
}
void ThresholdCounts::add(const std::string& metric, const Tensor& y_true, const Tensor& y_pred,
                          const Tensor& weights) {
    const Tensor truth = y_true.to(f64), predictions = y_pred.to(f64);
    const double *t = truth.raw<double>(), *p = predictions.raw<double>();
    const double* w = weights.defined() ? weights.raw<double>() : nullptr;
    for (std::int64_t i = 0; i < predictions.numel(); ++i)
        require<std::domain_error>(!std::isnan(p[i]), "{}: expected predictions other than NaN, got one at {}", metric,
                                   i);
    for (std::int64_t i = 0; i < predictions.numel(); ++i) {
        const auto below = std::lower_bound(sorted_.begin(), sorted_.end(), p[i]) - sorted_.begin();
        auto& buckets = t[i] != 0 ? positive_ : negative_;
        buckets[i % labels_ * (sorted_.size() + 1) + below] += w ? w[i] : 1;
    }
}
std::vector<ThresholdCounts::Counts> ThresholdCounts::of(std::int64_t label) const {
    const auto n = sorted_.size();
    const double *positive = positive_.data() + label * (n + 1), *negative = negative_.data() + label * (n + 1);
    std::vector<Counts> by_rank(n), in_order;
    double fn = 0, tn = 0, tp = 0, fp = 0;
    for (std::size_t j = 0; j < n; ++j) by_rank[j].fn = fn += positive[j], by_rank[j].tn = tn += negative[j];
    for (std::size_t j = n; j-- > 0;) by_rank[j].tp = tp += positive[j + 1], by_rank[j].fp = fp += negative[j + 1];
    for (double threshold : thresholds_)
        in_order.push_back(by_rank[std::lower_bound(sorted_.begin(), sorted_.end(), threshold) - sorted_.begin()]);
    return in_order;
}

namespace {
/// All but the k largest of each row set to -inf; of equal ones the first stay.
Tensor only_top(const std::string& metric, const Tensor& y_pred, std::int64_t k) {
    require(y_pred.rank() > 0 && k <= y_pred.shape().back(),
            "{}: expected y_pred (..., classes) with at least top_k {} classes, got {}", metric, k, y_pred.shape());
    const auto classes = y_pred.shape().back();
    const Tensor kept = y_pred.to(f64).copy();
    std::vector<std::int64_t> order(classes);
    for (double* row = kept.raw<double>(); row < kept.raw<double>() + kept.numel(); row += classes) {
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return row[a] > row[b]; });
        for (auto i = k; i < classes; ++i) row[order[i]] = -INFINITY;
    }
    return kept;
}
}  // namespace

Selected select(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight,
                Selection selection) {
    Tensor truth = beside(metric, y_true, y_pred), predictions = y_pred;
    if (selection.top_k > 0) predictions = only_top(metric, predictions, selection.top_k);
    if (selection.class_id >= 0) {
        require(y_pred.rank() > 0 && selection.class_id < y_pred.shape().back(),
                "{}: expected class_id below the number of classes, got {} and y_pred {}", metric, selection.class_id,
                y_pred.shape());
        const auto one = [&](const Tensor& x) { return x(ellipsis, selection.class_id); };
        truth = one(truth), predictions = one(predictions);
    }
    return {truth, predictions, weights_for(metric, weight, predictions.shape())};
}
void require_probabilities(const std::string& metric, const Tensor& y_pred) {
    const Tensor p = y_pred.to(f64);
    for (double v : p.data<double>())
        require<std::domain_error>(std::isnan(v) || (v >= -1e-6 && v <= 1 + 1e-6),
                                   "{}: expected predictions in [0, 1], got {}: of logits the loss must know, by "
                                   "from_logits = true",
                                   metric, v);
}

}  // namespace xg::detail
