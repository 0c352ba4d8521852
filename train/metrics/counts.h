#pragma once
#include <string>
#include <vector>
#include "../../tensor/tensor.h"

namespace xg::detail {

/// How many examples, by weight, stand right and wrong on either side of each threshold, for one label or several.
/// Each example is added to one bucket between thresholds; counts are sums of buckets, so they never cancel.
class ThresholdCounts {
public:
    /// What is above a threshold counts as positive. 0 labels: not known yet, nothing can be added.
    explicit ThresholdCounts(std::vector<double> thresholds, std::int64_t labels = 1);
    struct Counts {
        double tp = 0, fp = 0, tn = 0, fn = 0;
    };
    /// One a threshold, in the order they were given.
    std::vector<Counts> of(std::int64_t label = 0) const;
    /// y_true (not 0 is positive), y_pred and weights (or undefined) of one shape; the last axis is the labels' if
    /// there are several. Throws for NaN.
    void add(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weights);
    void reset();
    std::int64_t labels() const { return labels_; }
    const std::vector<double>& thresholds() const { return thresholds_; }

private:
    std::vector<double> thresholds_, sorted_;
    std::int64_t labels_;
    std::vector<double> positive_, negative_;  // (labels, thresholds + 1)
};

/// What is looked at in y_pred (..., classes): the k largest of each row only (the rest is -inf), one class only.
struct Selection {
    std::int64_t top_k = 0, class_id = -1;
};
/// y_true, y_pred and weights (or undefined) so selected, all of one shape.
struct Selected {
    Tensor y_true, y_pred, weights;
};
Selected select(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight,
                Selection selection);
/// Throws unless all predictions are in [0, 1]: logits would be counted in silence.
void require_probabilities(const std::string& metric, const Tensor& y_pred);

}  // namespace xg::detail
