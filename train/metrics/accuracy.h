#pragma once
#include "mean.h"

namespace xg {

/// A share of right answers.
struct AccuracyMetric : MeanMetric {
    using MeanMetric::MeanMetric;
    std::optional<bool> larger_is_better() const override { return true; }
};
/// How often y_pred equals y_true.
struct Accuracy : MetricOf<MetricOptions, AccuracyMetric> {
    explicit Accuracy(MetricOptions options = {}) : MetricOf("accuracy", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct BinaryAccuracyOptions {
    double threshold = 0.5;
    std::string name = {};
};
/// How often y_pred > threshold agrees with y_true.
struct BinaryAccuracy : MetricOf<BinaryAccuracyOptions, AccuracyMetric> {
    explicit BinaryAccuracy(BinaryAccuracyOptions options = {}) : MetricOf("binary_accuracy", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// How often the largest entries of y_true (one-hot) and y_pred are the same.
struct CategoricalAccuracy : MetricOf<MetricOptions, AccuracyMetric> {
    explicit CategoricalAccuracy(MetricOptions options = {}) : MetricOf("categorical_accuracy", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// How often the largest entry of y_pred (batch, ..., classes) is the label.
struct SparseCategoricalAccuracy : MetricOf<MetricOptions, AccuracyMetric> {
    explicit SparseCategoricalAccuracy(MetricOptions options = {})
        : MetricOf("sparse_categorical_accuracy", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// "accuracy": binary, sparse categorical or categorical, by the shapes.
struct AccuracyByShape : MetricOf<MetricOptions, AccuracyMetric> {
    explicit AccuracyByShape(MetricOptions options = {}) : MetricOf("accuracy", std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

struct TopKOptions {
    std::int64_t k = 5;
    std::string name = {};
};
/// How often the class of y_true (one-hot) is among the k largest of y_pred; equal ones all count as among them.
struct TopKCategoricalAccuracy : MetricOf<TopKOptions, AccuracyMetric> {
    explicit TopKCategoricalAccuracy(TopKOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct SparseTopKOptions {
    std::int64_t k = 5;
    std::string name = {};
    bool from_sorted_ids = false;  // y_pred holds class numbers, the likeliest first
};
/// How often the label is among the k largest of y_pred (batch, ..., classes); equal ones all count as among them.
struct SparseTopKCategoricalAccuracy : MetricOf<SparseTopKOptions, AccuracyMetric> {
    explicit SparseTopKCategoricalAccuracy(SparseTopKOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};

}  // namespace xg
