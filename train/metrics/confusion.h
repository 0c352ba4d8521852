#pragma once
#include <vector>
#include "counts.h"
#include "metric.h"

namespace xg {

struct ThresholdOptions {
    std::vector<double> thresholds = {};  // what is above counts as positive; none: 0.5
    std::string name = {};
};
/// A count at one threshold or several, of all entries of y_true (0 or 1) and y_pred (probabilities).
class ConfusionCount : public MetricOf<ThresholdOptions> {
public:
    Tensor value() const override;
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return larger_is_better_; }

protected:
    using Counts = detail::ThresholdCounts::Counts;
    ConfusionCount(const char* own_name, double Counts::*which, bool larger_is_better, ThresholdOptions options);
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;

private:
    double Counts::*which_;
    bool larger_is_better_;
    detail::ThresholdCounts counts_;
};
/// What is positive and was called so.
struct TruePositives : ConfusionCount {
    explicit TruePositives(ThresholdOptions options = {})
        : ConfusionCount("true_positives", &Counts::tp, true, std::move(options)) {}
};
/// What is negative and was called so.
struct TrueNegatives : ConfusionCount {
    explicit TrueNegatives(ThresholdOptions options = {})
        : ConfusionCount("true_negatives", &Counts::tn, true, std::move(options)) {}
};
/// What was called positive and is not.
struct FalsePositives : ConfusionCount {
    explicit FalsePositives(ThresholdOptions options = {})
        : ConfusionCount("false_positives", &Counts::fp, false, std::move(options)) {}
};
/// What was called negative and is not.
struct FalseNegatives : ConfusionCount {
    explicit FalseNegatives(ThresholdOptions options = {})
        : ConfusionCount("false_negatives", &Counts::fn, false, std::move(options)) {}
};

struct PrecisionOptions {
    std::vector<double> thresholds = {};        // what is above counts as positive; none: 0.5, or all with top_k
    std::optional<std::int64_t> top_k = {};     // only the k largest of a row may be positive
    std::optional<std::int64_t> class_id = {};  // look at one class only
    std::string name = {};
};
/// True positives as a share of themselves and the false positives or negatives; 0 where there are none.
class ConfusionShare : public MetricOf<PrecisionOptions> {
public:
    Tensor value() const override;
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    using Counts = detail::ThresholdCounts::Counts;
    ConfusionShare(const char* own_name, double Counts::*wrong, PrecisionOptions options);
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;

private:
    double Counts::*wrong_;
    detail::ThresholdCounts counts_;
};
/// Of what was called positive, the share that is: tp / (tp + fp).
struct Precision : ConfusionShare {
    explicit Precision(PrecisionOptions options = {}) : ConfusionShare("precision", &Counts::fp, std::move(options)) {}
};
/// Of what is positive, the share that was called so: tp / (tp + fn).
struct Recall : ConfusionShare {
    explicit Recall(PrecisionOptions options = {}) : ConfusionShare("recall", &Counts::fn, std::move(options)) {}
};

}  // namespace xg
