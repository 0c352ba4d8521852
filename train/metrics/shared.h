#pragma once
// What several metrics need; for their .cpp files.
#include "../../nn/config.h"
#include "metric.h"

namespace xg {

template <class F> void fields(MetricOptions& o, F&& field) { field("name", o.name); }

namespace detail {
/// The weights for values of this shape, as float64 and of that shape; undefined if there are none. Missing axes at the
/// end, and extents of one, broadcast.
Tensor weights_for(const std::string& metric, const Tensor& weight, const Shape& shape);
/// y_true in y_pred's shape; they may differ by extents of one at the end.
Tensor beside(const std::string& metric, const Tensor& y_true, const Tensor& y_pred);
/// A quotient that is 0 where nothing was counted.
inline double share(double part, double whole) { return whole != 0 ? part / whole : 0; }
}  // namespace detail

// The table's rows, a family each.
Table<Metric> accuracy_metrics();
Table<Metric> mean_metrics();
Table<Metric> confusion_metrics();
Table<Metric> curve_metrics();
Table<Metric> fbeta_metrics();
Table<Metric> iou_metrics();
Table<Metric> regression_metrics();

}  // namespace xg
