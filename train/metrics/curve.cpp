#include "curve.h"
#include <algorithm>
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "shared.h"

namespace xg {

using detail::share;
using Counts = detail::ThresholdCounts::Counts;

namespace {
/// `count` of them, evenly spaced from 0 to 1 but for the ends.
std::vector<double> spaced(std::int64_t count, double first, double last) {
    std::vector<double> thresholds{first};
    for (std::int64_t i = 1; i + 1 < count; ++i) thresholds.push_back(double(i) / double(count - 1));
    thresholds.push_back(last);
    return thresholds;
}
std::vector<double> thresholds_of(const AUCOptions& o) {
    require<std::invalid_argument>(o.num_thresholds > 1, "AUC: expected num_thresholds > 1, got {}", o.num_thresholds);
    if (o.thresholds.empty()) return spaced(o.num_thresholds, -1e-7, 1 + 1e-7);
    std::vector<double> all_of_them = o.thresholds;
    for (double t : all_of_them)
        require<std::invalid_argument>(0 <= t && t <= 1, "AUC: expected thresholds in [0, 1], got {}", t);
    std::sort(all_of_them.begin(), all_of_them.end());
    all_of_them.insert(all_of_them.begin(), -1e-7);
    all_of_them.push_back(1 + 1e-7);
    return all_of_them;
}
/// Between two thresholds precision is no straight line over recall; its area has a closed form.
double area_under_precision(const std::vector<Counts>& counts) {
    double area = 0;
    for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
        const Counts &a = counts[i], &b = counts[i + 1];
        const double called_a = a.tp + a.fp, called_b = b.tp + b.fp, more = a.tp - b.tp;
        const double slope = share(more, std::max(called_a - called_b, 0.0)), intercept = b.tp - slope * called_b;
        const double ratio = called_a > 0 && called_b > 0 ? called_a / called_b : 1;
        area += share(slope * (more + intercept * std::log(ratio)), b.tp + b.fn);
    }
    return area;
}
/// The place of a threshold on the curve, x and y.
std::pair<double, double> place(const Counts& c, const std::string& curve) {
    const double recall = share(c.tp, c.tp + c.fn);
    if (curve == "ROC") return {share(c.fp, c.fp + c.tn), recall};
    if (curve == "PR") return {recall, share(c.tp, c.tp + c.fp)};
    if (c.tp == 0) return {0, 1};
    const double odds = share(c.tp + c.fn, c.tn + c.fp);
    return {std::max(1 - odds * c.fn / c.tp, 0.0), 1 - odds * c.fp / c.tp};
}
double area(const std::vector<Counts>& counts, const std::string& curve, const std::string& method) {
    if (curve == "PR" && method == "interpolation") return area_under_precision(counts);
    double sum = 0;
    for (std::size_t i = 0; i + 1 < counts.size(); ++i) {
        const auto [left, from] = place(counts[i], curve);
        const auto [right, to] = place(counts[i + 1], curve);
        const double height = method == "minoring"   ? std::min(from, to)
                              : method == "majoring" ? std::max(from, to)
                                                     : (from + to) / 2;
        sum += (left - right) * height;
    }
    return sum;
}
}  // namespace

AUC::AUC(AUCOptions options)
    : MetricOf("auc", std::move(options)),
      counts_(thresholds_of(options_), options_.multi_label ? options_.num_labels.value_or(0) : 1) {
    const auto& o = options_;
    require<std::invalid_argument>(o.curve == "ROC" || o.curve == "PR" || o.curve == "PRGAIN",
                                   "AUC: expected curve ROC, PR or PRGAIN, got {}", o.curve);
    require<std::invalid_argument>(
        o.summation_method == "interpolation" || o.summation_method == "minoring" || o.summation_method == "majoring",
        "AUC: expected summation_method interpolation, minoring or majoring, got {}", o.summation_method);
    require<std::invalid_argument>(o.multi_label || !o.num_labels,
                                   "AUC: expected multi_label beside num_labels, got none");
}
void AUC::observe(const Tensor& y_true, const Tensor& outputs, const Tensor& weight) {
    const Tensor y_pred = options_.from_logits ? sigmoid(outputs) : outputs;
    detail::require_probabilities(name(), y_pred);
    auto [t, p, w] = detail::select(name(), y_true, y_pred, weight, {});
    const auto labels = p.rank() ? p.shape().back() : 1, weighed = std::int64_t(options_.label_weights.size());
    require(weighed == 0 || weighed == labels, "{}: expected label_weights for each of {} labels, got {}", name(),
            labels, weighed);
    if (weighed && !options_.multi_label) {
        const Tensor by_label = broadcast_to(Tensor::of<double>({labels}, options_.label_weights), p.shape());
        w = w.defined() ? w * by_label : by_label;
    }
    if (options_.multi_label) {
        require(p.rank() >= 2, "{}: expected y_pred (batch, labels), got {}", name(), p.shape());
        if (counts_.labels() == 0) counts_ = detail::ThresholdCounts(thresholds_of(options_), labels);
        require(counts_.labels() == labels, "{}: expected {} labels, got {}", name(), counts_.labels(), labels);
    }
    counts_.add(name(), t, p, w);
}
double AUC::result() const {
    double total = 0, weights = 0;
    for (std::int64_t label = 0; label < counts_.labels(); ++label) {
        const double weight =
            options_.multi_label && !options_.label_weights.empty() ? options_.label_weights[label] : 1;
        total += weight * area(counts_.of(label), options_.curve, options_.summation_method);
        weights += weight;
    }
    return share(total, weights);
}

template <class O>
RateAtRate<O>::RateAtRate(const char* own_name, Rate wanted, Rate constrained, double least, O options)
    : MetricOf<O>(own_name, std::move(options)),
      wanted_(wanted),
      constrained_(constrained),
      least_(least),
      counts_(this->options_.num_thresholds > 1 ? spaced(this->options_.num_thresholds, 0, 1) : std::vector{0.5}) {
    const auto& o = this->options_;
    require<std::invalid_argument>(0 <= least && least <= 1, "{}: expected a rate in [0, 1], got {}", own_name, least);
    require<std::invalid_argument>(o.num_thresholds > 0, "{}: expected num_thresholds > 0, got {}", own_name,
                                   o.num_thresholds);
    require<std::invalid_argument>(o.class_id.value_or(0) >= 0, "{}: expected class_id >= 0, got {}", own_name,
                                   o.class_id.value_or(0));
}
template <class O> void RateAtRate<O>::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    detail::require_probabilities(this->name(), y_pred);
    const auto [t, p, w] =
        detail::select(this->name(), y_true, y_pred, weight, {0, this->options_.class_id.value_or(-1)});
    counts_.add(this->name(), t, p, w);
}
template <class O> double RateAtRate<O>::result() const {
    double best = 0;
    for (auto& c : counts_.of())
        if (constrained_(c) >= least_) best = std::max(best, wanted_(c));
    return best;
}

namespace {
double sensitivity(const Counts& c) { return share(c.tp, c.tp + c.fn); }
double specificity(const Counts& c) { return share(c.tn, c.tn + c.fp); }
double precision(const Counts& c) { return share(c.tp, c.tp + c.fp); }
}  // namespace
SensitivityAtSpecificity::SensitivityAtSpecificity(SensitivityAtSpecificityOptions o)
    : RateAtRate("sensitivity_at_specificity", sensitivity, specificity, o.specificity, o) {}
SpecificityAtSensitivity::SpecificityAtSensitivity(SpecificityAtSensitivityOptions o)
    : RateAtRate("specificity_at_sensitivity", specificity, sensitivity, o.sensitivity, o) {}
PrecisionAtRecall::PrecisionAtRecall(PrecisionAtRecallOptions o)
    : RateAtRate("precision_at_recall", precision, sensitivity, o.recall, o) {}
RecallAtPrecision::RecallAtPrecision(RecallAtPrecisionOptions o)
    : RateAtRate("recall_at_precision", sensitivity, precision, o.precision, o) {}

template <class F> void fields(AUCOptions& o, F&& field) {
    field("num_thresholds", o.num_thresholds);
    field("curve", o.curve);
    field("summation_method", o.summation_method);
    field("name", o.name);
    field("thresholds", o.thresholds);
    field("multi_label", o.multi_label);
    field("num_labels", o.num_labels);
    field("label_weights", o.label_weights);
    field("from_logits", o.from_logits);
}
template <class O, class F> void rate_fields(O& o, F&& field) {
    field("num_thresholds", o.num_thresholds);
    field("class_id", o.class_id);
    field("name", o.name);
}
template <class F> void fields(SensitivityAtSpecificityOptions& o, F&& field) {
    field("specificity", o.specificity);
    rate_fields(o, field);
}
template <class F> void fields(SpecificityAtSensitivityOptions& o, F&& field) {
    field("sensitivity", o.sensitivity);
    rate_fields(o, field);
}
template <class F> void fields(PrecisionAtRecallOptions& o, F&& field) {
    field("recall", o.recall);
    rate_fields(o, field);
}
template <class F> void fields(RecallAtPrecisionOptions& o, F&& field) {
    field("precision", o.precision);
    rate_fields(o, field);
}
Table<Metric> curve_metrics() {
    using M = Metric;
    return {entry<AUC, M, AUCOptions>("AUC"),
            entry<SensitivityAtSpecificity, M, SensitivityAtSpecificityOptions>("SensitivityAtSpecificity"),
            entry<SpecificityAtSensitivity, M, SpecificityAtSensitivityOptions>("SpecificityAtSensitivity"),
            entry<PrecisionAtRecall, M, PrecisionAtRecallOptions>("PrecisionAtRecall"),
            entry<RecallAtPrecision, M, RecallAtPrecisionOptions>("RecallAtPrecision")};
}

}  // namespace xg
