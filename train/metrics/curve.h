#pragma once
#include <vector>
#include "counts.h"
#include "metric.h"

namespace xg {

struct AUCOptions {
    std::int64_t num_thresholds = 200;
    std::string curve = "ROC";                       // or "PR", "PRGAIN"
    std::string summation_method = "interpolation";  // or "minoring", "majoring": the lower, the upper sum
    std::string name = {};
    std::vector<double> thresholds = {};  // instead of evenly spaced ones; 0 and 1 are added
    bool multi_label = false;             // a curve for each entry of the last axis, averaged
    std::optional<std::int64_t> num_labels = {};
    std::vector<double> label_weights = {};  // of the labels in that average, or of their entries in the one curve
    bool from_logits = false;                // the outputs are logits whatever the loss says
};
/// The area under the curve of true against false positive rate (ROC), of precision against recall (PR; Davis &
/// Goadrich 2006) or of their gains over chance (PRGAIN; Flach & Kull 2015), from counts at the thresholds. y_true 0 or
/// 1, y_pred probabilities.
class AUC : public MetricOf<AUCOptions> {
public:
    explicit AUC(AUCOptions options = {});
    double result() const override;
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }
    bool from_logits() const override { return options_.from_logits; }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override { counts_.visit(f); }

private:
    detail::ThresholdCounts counts_;
};

struct SensitivityAtSpecificityOptions {
    double specificity = 0.5;
    std::int64_t num_thresholds = 200;
    std::optional<std::int64_t> class_id = {};
    std::string name = {};
};
struct SpecificityAtSensitivityOptions {
    double sensitivity = 0.5;
    std::int64_t num_thresholds = 200;
    std::optional<std::int64_t> class_id = {};
    std::string name = {};
};
struct PrecisionAtRecallOptions {
    double recall = 0.5;
    std::int64_t num_thresholds = 200;
    std::optional<std::int64_t> class_id = {};
    std::string name = {};
};
struct RecallAtPrecisionOptions {
    double precision = 0.5;
    std::int64_t num_thresholds = 200;
    std::optional<std::int64_t> class_id = {};
    std::string name = {};
};
/// The best of one rate among the thresholds where another is high enough; 0 if there is none.
template <class Options> class RateAtRate : public MetricOf<Options> {
public:
    double result() const override;
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    using Rate = double (*)(const detail::ThresholdCounts::Counts& counts);
    RateAtRate(const char* own_name, Rate wanted, Rate constrained, double least, Options options);
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override { counts_.visit(f); }

private:
    Rate wanted_, constrained_;
    double least_;
    detail::ThresholdCounts counts_;
};
/// The best tp / (tp + fn) where tn / (tn + fp) >= specificity.
struct SensitivityAtSpecificity : RateAtRate<SensitivityAtSpecificityOptions> {
    explicit SensitivityAtSpecificity(SensitivityAtSpecificityOptions options);
};
/// The best tn / (tn + fp) where tp / (tp + fn) >= sensitivity.
struct SpecificityAtSensitivity : RateAtRate<SpecificityAtSensitivityOptions> {
    explicit SpecificityAtSensitivity(SpecificityAtSensitivityOptions options);
};
/// The best tp / (tp + fp) where tp / (tp + fn) >= recall.
struct PrecisionAtRecall : RateAtRate<PrecisionAtRecallOptions> {
    explicit PrecisionAtRecall(PrecisionAtRecallOptions options);
};
/// The best tp / (tp + fn) where tp / (tp + fp) >= precision.
struct RecallAtPrecision : RateAtRate<RecallAtPrecisionOptions> {
    explicit RecallAtPrecision(RecallAtPrecisionOptions options);
};

}  // namespace xg
