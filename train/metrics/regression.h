#pragma once
#include <vector>
#include "mean.h"

namespace xg {

/// The root of the mean of (y_true - y_pred)^2 over all elements.
struct RootMeanSquaredError : MetricOf<MetricOptions, MeanMetric> {
    explicit RootMeanSquaredError(MetricOptions options = {})
        : MetricOf("root_mean_squared_error", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::optional<bool> larger_is_better() const override { return false; }
    double result() const override;
};

struct CorrelationOptions {
    std::string name = {};
    std::vector<int> axis = {-1};
};
/// Pearson's correlation of y_true and y_pred along the axes, averaged; NaN where one of them is constant.
struct PearsonCorrelation : MetricOf<CorrelationOptions, MeanMetric> {
    explicit PearsonCorrelation(CorrelationOptions options = {})
        : MetricOf("pearson_correlation", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::optional<bool> larger_is_better() const override { return true; }
};
/// Lin's concordance along the axes, averaged: correlation, less for a different mean or spread.
struct ConcordanceCorrelation : MetricOf<CorrelationOptions, MeanMetric> {
    explicit ConcordanceCorrelation(CorrelationOptions options = {})
        : MetricOf("concordance_correlation", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::optional<bool> larger_is_better() const override { return true; }
};

struct R2Options {
    std::string class_aggregation = "uniform_average";  // or "variance_weighted_average"; "": one for each output
    std::int64_t num_regressors = 0;                    // adjusts for so many explaining variables
    std::string name = {};
};
/// 1 - squared error / squared distance from the mean, of each column of y_true and y_pred (batch, outputs).
class R2Score : public MetricOf<R2Options> {
public:
    explicit R2Score(R2Options options = {});
    Tensor value() const override;
    void reset() override;
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override;

private:
    struct Column {
        double weight = 0, origin = 0, mean = 0, spread = 0, error = 0;  // mean from the origin, squares about the mean
    };
    std::vector<Column> columns_;
    double elements_ = 0;
};

}  // namespace xg
