#pragma once
#include <vector>
#include "counts.h"
#include "metric.h"

namespace xg {

struct ThresholdOptions {
    std::vector<double> thresholds = {};  // what is above counts as positive; none: 0.5
    std::string name = {};
};
/// Counts at one threshold or several, of all entries of y_true (0 or 1) and y_pred (probabilities).
class ConfusionMetric : public MetricOf<ThresholdOptions> {
public:
    ConfusionMetric(const char* own_name, ThresholdOptions options);
    Tensor value() const override;
    void reset() override { counts_.reset(); }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    virtual double of(const detail::ThresholdCounts::Counts& counts) const = 0;

private:
    detail::ThresholdCounts counts_;
};
struct TruePositives : ConfusionMetric {
    explicit TruePositives(ThresholdOptions options = {}) : ConfusionMetric("true_positives", std::move(options)) {}
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override { return counts.tp; }
};
struct TrueNegatives : ConfusionMetric {
    explicit TrueNegatives(ThresholdOptions options = {}) : ConfusionMetric("true_negatives", std::move(options)) {}
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override { return counts.tn; }
};
struct FalsePositives : ConfusionMetric {
    explicit FalsePositives(ThresholdOptions options = {}) : ConfusionMetric("false_positives", std::move(options)) {}
    std::optional<bool> larger_is_better() const override { return false; }

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override { return counts.fp; }
};
struct FalseNegatives : ConfusionMetric {
    explicit FalseNegatives(ThresholdOptions options = {}) : ConfusionMetric("false_negatives", std::move(options)) {}
    std::optional<bool> larger_is_better() const override { return false; }

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override { return counts.fn; }
};

struct PrecisionOptions {
    std::vector<double> thresholds = {};        // what is above counts as positive; none: 0.5, or all with top_k
    std::optional<std::int64_t> top_k = {};     // only the k largest of a row may be positive
    std::optional<std::int64_t> class_id = {};  // look at one class only
    std::string name = {};
};
/// A share of counts; 0 where nothing was counted.
class PrecisionMetric : public MetricOf<PrecisionOptions> {
public:
    PrecisionMetric(const char* own_name, PrecisionOptions options);
    Tensor value() const override;
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    virtual double of(const detail::ThresholdCounts::Counts& counts) const = 0;

private:
    detail::ThresholdCounts counts_;
};
/// Of what was called positive, the share that is: tp / (tp + fp).
struct Precision : PrecisionMetric {
    explicit Precision(PrecisionOptions options = {}) : PrecisionMetric("precision", std::move(options)) {}

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override;
};
/// Of what is positive, the share that was called so: tp / (tp + fn).
struct Recall : PrecisionMetric {
    explicit Recall(PrecisionOptions options = {}) : PrecisionMetric("recall", std::move(options)) {}

protected:
    double of(const detail::ThresholdCounts::Counts& counts) const override;
};

}  // namespace xg
