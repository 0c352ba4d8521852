#include "accuracy.h"
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "shared.h"

namespace xg {

namespace {
/// The labels of y_pred's rows, int64 (...).
Tensor labels(const std::string& metric, const Tensor& y_true, const Tensor& y_pred) {
    const Shape rows(y_pred.shape().begin(), y_pred.shape().end() - (y_pred.rank() > 0));
    require(y_pred.rank() > 0 && y_true.numel() == rows.numel(), "{}: expected one label a row, got {} and {}", metric,
            y_true.shape(), y_pred.shape());
    return reshape(y_true.to(i64), rows);
}
void require_one_shape(const std::string& metric, const Tensor& y_true, const Tensor& y_pred) {
    require(y_true.shape() == y_pred.shape() && y_true.rank() > 0,
            "{}: expected y_true and y_pred of one shape, got {} and {}", metric, y_true.shape(), y_pred.shape());
}
/// true where fewer than k entries of the label's row are larger than the label's.
Tensor in_top_k(const std::string& metric, const Tensor& label, const Tensor& y_pred, std::int64_t k) {
    const auto classes = y_pred.shape().back();
    const Tensor scores = y_pred.to(f64);
    Tensor hit = Tensor::empty(label.shape(), boolean);
    for (std::int64_t r = 0; r < label.numel(); ++r) {
        const double* row = scores.raw<double>() + r * classes;
        const auto c = label.raw<std::int64_t>()[r];
        require<std::invalid_argument>(0 <= c && c < classes, "{}: expected labels in [0, {}), got {}", metric, classes,
                                       c);
        const auto larger = std::count_if(row, row + classes, [&](double v) { return v > row[c]; });
        hit.raw<bool>()[r] = std::isfinite(row[c]) && larger < k;
    }
    return hit;
}
void require_k(const char* metric, std::int64_t k) {
    require<std::invalid_argument>(k > 0, "{}: expected k > 0, got {}", metric, k);
}
}  // namespace

Tensor Accuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    return (detail::beside(name(), y_true, y_pred).to(f64) == y_pred.to(f64)).to(f64);
}
Tensor BinaryAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    return ((y_pred > options_.threshold).to(f64) == detail::beside(name(), y_true, y_pred).to(f64)).to(f64);
}
Tensor CategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require_one_shape(name(), y_true, y_pred);
    return argmax(y_true, -1) == argmax(y_pred, -1);
}
Tensor SparseCategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    return labels(name(), y_true, y_pred) == argmax(y_pred, -1);
}
Tensor AccuracyByShape::each(const Tensor& y_true, const Tensor& y_pred) const {
    const MetricOptions same_name{name()};
    const BinaryAccuracy binary({.name = name()});
    if (y_pred.rank() > 0 && y_pred.shape().back() == 1) return binary.each(y_true, y_pred);
    if (y_true.rank() < y_pred.rank() || (y_true.rank() > 0 && y_true.shape().back() == 1))
        return SparseCategoricalAccuracy(same_name).each(y_true, y_pred);
    return y_pred.rank() > 1 ? CategoricalAccuracy(same_name).each(y_true, y_pred) : binary.each(y_true, y_pred);
}
TopKCategoricalAccuracy::TopKCategoricalAccuracy(TopKOptions options)
    : MetricOf("top_k_categorical_accuracy", std::move(options)) {
    require_k("TopKCategoricalAccuracy", options_.k);
}
Tensor TopKCategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require_one_shape(name(), y_true, y_pred);
    return in_top_k(name(), argmax(y_true, -1), y_pred, options_.k);
}
SparseTopKCategoricalAccuracy::SparseTopKCategoricalAccuracy(SparseTopKOptions options)
    : MetricOf("sparse_top_k_categorical_accuracy", std::move(options)) {
    require_k("SparseTopKCategoricalAccuracy", options_.k);
}
Tensor SparseTopKCategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor label = labels(name(), y_true, y_pred);
    if (!options_.from_sorted_ids) return in_top_k(name(), label, y_pred, options_.k);
    const Tensor first =
        moveaxis(slice(moveaxis(y_pred.to(i64), -1, 0), 0, std::min(options_.k, y_pred.shape().back())), 0, -1);
    return any(first == expand_dims(label, -1), -1);
}

template <class F> void fields(BinaryAccuracyOptions& o, F&& field) {
    field("threshold", o.threshold);
    field("name", o.name);
}
template <class F> void fields(TopKOptions& o, F&& field) {
    field("k", o.k);
    field("name", o.name);
}
template <class F> void fields(SparseTopKOptions& o, F&& field) {
    field("k", o.k);
    field("name", o.name);
    field("from_sorted_ids", o.from_sorted_ids);
}
Table<Metric> accuracy_metrics() {
    using M = Metric;
    return {entry<AccuracyByShape, M, MetricOptions>("accuracy", {"acc"}),
            entry<Accuracy, M, MetricOptions>("Accuracy"),
            entry<BinaryAccuracy, M, BinaryAccuracyOptions>("BinaryAccuracy"),
            entry<CategoricalAccuracy, M, MetricOptions>("CategoricalAccuracy"),
            entry<SparseCategoricalAccuracy, M, MetricOptions>("SparseCategoricalAccuracy"),
            entry<TopKCategoricalAccuracy, M, TopKOptions>("TopKCategoricalAccuracy"),
            entry<SparseTopKCategoricalAccuracy, M, SparseTopKOptions>("SparseTopKCategoricalAccuracy")};
}

}  // namespace xg
