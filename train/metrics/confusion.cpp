#include "confusion.h"
#include <cmath>
#include "shared.h"

namespace xg {

using detail::share;
using detail::ThresholdCounts;

namespace {
std::vector<double> or_default(const char* metric, std::vector<double> thresholds, double otherwise) {
    for (double t : thresholds)
        require<std::invalid_argument>(0 <= t && t <= 1, "{}: expected thresholds in [0, 1], got {}", metric, t);
    if (thresholds.empty()) thresholds = {otherwise};
    return thresholds;
}
/// One number for one threshold, else a vector.
template <class F> Tensor at_each(const ThresholdCounts& counts, const F& f) {
    std::vector<double> values;
    for (auto& c : counts.of()) values.push_back(f(c));
    const auto n = std::int64_t(values.size());
    return Tensor::of<double>(n == 1 ? Shape{} : Shape{n}, values);
}
}  // namespace

ConfusionCount::ConfusionCount(const char* own_name, double Counts::*which, bool larger_is_better,
                               ThresholdOptions options)
    : MetricOf(own_name, std::move(options)),
      which_(which),
      larger_is_better_(larger_is_better),
      counts_(or_default(own_name, options_.thresholds, 0.5)) {}
void ConfusionCount::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    if (options_.thresholds.empty()) detail::require_probabilities(name(), y_pred);
    const auto [t, p, w] = detail::select(name(), y_true, y_pred, weight, {});
    counts_.add(name(), t, p, w);
}
Tensor ConfusionCount::value() const {
    return at_each(counts_, [&](auto& c) { return c.*which_; });
}

ConfusionShare::ConfusionShare(const char* own_name, double Counts::*wrong, PrecisionOptions options)
    : MetricOf(own_name, std::move(options)),
      wrong_(wrong),
      counts_(or_default(own_name, options_.thresholds, options_.top_k ? std::numeric_limits<double>::lowest() : 0.5)) {
    require<std::invalid_argument>(options_.top_k.value_or(1) > 0, "{}: expected top_k > 0, got {}", own_name,
                                   options_.top_k.value_or(1));
    require<std::invalid_argument>(options_.class_id.value_or(0) >= 0, "{}: expected class_id >= 0, got {}", own_name,
                                   options_.class_id.value_or(0));
}
void ConfusionShare::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    if (options_.thresholds.empty() && !options_.top_k) detail::require_probabilities(name(), y_pred);
    const auto [t, p, w] =
        detail::select(name(), y_true, y_pred, weight, {options_.top_k.value_or(0), options_.class_id.value_or(-1)});
    counts_.add(name(), t, p, w);
}
Tensor ConfusionShare::value() const {
    return at_each(counts_, [&](auto& c) { return share(c.tp, c.tp + c.*wrong_); });
}

template <class F> void fields(ThresholdOptions& o, F&& field) {
    field("thresholds", o.thresholds);
    field("name", o.name);
}
template <class F> void fields(PrecisionOptions& o, F&& field) {
    field("thresholds", o.thresholds);
    field("top_k", o.top_k);
    field("class_id", o.class_id);
    field("name", o.name);
}
Table<Metric> confusion_metrics() {
    using M = Metric;
    return {entry<TruePositives, M, ThresholdOptions>("TruePositives"),
            entry<TrueNegatives, M, ThresholdOptions>("TrueNegatives"),
            entry<FalsePositives, M, ThresholdOptions>("FalsePositives"),
            entry<FalseNegatives, M, ThresholdOptions>("FalseNegatives"),
            entry<Precision, M, PrecisionOptions>("Precision"),
            entry<Recall, M, PrecisionOptions>("Recall")};
}

}  // namespace xg
