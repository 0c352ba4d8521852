#include "metrics.h"
#include <algorithm>
#include <cmath>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"
#include "../io/state.h"
#include "../nn/config.h"

namespace xg {

void Metric::update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) {
    NoGrad unrecorded;
    const Tensor values = each(y_true, y_pred);
    add(values.rank() == 0 && y_true.rank() > 0 ? broadcast_to(values, {y_true.shape()[0]}) : values, sample_weight);
}
void Metric::add(const Tensor& given, const Tensor& sample_weight) {
    NoGrad unrecorded;
    const Tensor values = given.to(f64);
    Tensor weights = sample_weight.defined() ? sample_weight.to(f64) : ones({}, f64);
    while (weights.rank() > 0 && weights.rank() < values.rank()) weights = expand_dims(weights, -1);
    weights = broadcast_to(weights, values.shape());
    total_ += sum(values * weights).item();
    count_ += sum(weights).item();
}

void Metric::save(State& state) const {
    state.set("total", total_);
    state.set("count", count_);
}
void Metric::load(const State& state) { total_ = state.number("total"), count_ = state.number("count"); }

Tensor SparseCategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor best = argmax(y_pred, -1), labels = y_true.to(i64);
    require(labels.numel() == best.numel(), "{}: expected one label a row, got {} and {}", name(), y_true.shape(),
            y_pred.shape());
    return reshape(labels, best.shape()) == best;
}
Tensor CategoricalAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require(y_true.shape() == y_pred.shape(), "{}: expected y_true and y_pred of one shape, got {} and {}", name(),
            y_true.shape(), y_pred.shape());
    return argmax(y_true, -1) == argmax(y_pred, -1);
}
Tensor BinaryAccuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require(y_true.numel() == y_pred.numel(), "{}: expected y_true and y_pred of one size, got {} and {}", name(),
            y_true.shape(), y_pred.shape());
    const Tensor right = (y_pred > options.threshold).to(f64) == reshape(y_true, y_pred.shape()).to(f64);
    return right.rank() > 0 ? mean(right.to(f64), -1) : right;
}
Tensor Accuracy::each(const Tensor& y_true, const Tensor& y_pred) const {
    require(y_true.numel() == y_pred.numel(), "{}: expected y_true and y_pred of one size, got {} and {}", name(),
            y_true.shape(), y_pred.shape());
    const Tensor right = (reshape(y_true, y_pred.shape()).to(f64) == y_pred.to(f64)).to(f64);
    return right.rank() > 1 ? mean(right, -1) : right;
}
Tensor AccuracyByShape::each(const Tensor& y_true, const Tensor& y_pred) const {
    if (y_pred.rank() > 0 && y_pred.shape().back() == 1) return BinaryAccuracy().each(y_true, y_pred);
    if (y_true.rank() < y_pred.rank() || y_true.shape().back() == 1)
        return SparseCategoricalAccuracy().each(y_true, y_pred);
    return y_pred.rank() > 1 ? CategoricalAccuracy().each(y_true, y_pred) : BinaryAccuracy().each(y_true, y_pred);
}
Tensor RootMeanSquaredError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return MeanSquaredError().each(y_true, y_pred);
}
double RootMeanSquaredError::result() const { return std::sqrt(Metric::result()); }

template <class F> void fields(BinaryAccuracyOptions& o, F&& field) { field("threshold", o.threshold); }
namespace {
// A loss as a metric, with the loss's settings.
TableEntry<Metric> loss_entry(const char* name, std::vector<std::string> aliases, Box<Metric> (*maker)(const Config&)) {
    return {name, maker, std::move(aliases)};
}
Box<Metric> of_loss(const char* name, const Config& config) {
    return LossMetric(snake(name), make<Loss>(name, &config));
}
}  // namespace
template <> const Table<Metric>& table<Metric>() {
    using M = Metric;
    static const Table<M> entries{
        entry<AccuracyByShape, M>("accuracy", {"acc"}),
        entry<Accuracy, M>("Accuracy"),
        entry<BinaryAccuracy, M, BinaryAccuracyOptions>("BinaryAccuracy"),
        entry<CategoricalAccuracy, M>("CategoricalAccuracy"),
        entry<SparseCategoricalAccuracy, M>("SparseCategoricalAccuracy"),
        entry<RootMeanSquaredError, M>("RootMeanSquaredError"),
        entry<Mean, M>("Mean"),
        entry<Sum, M>("Sum"),
        loss_entry("MeanSquaredError", {"mse"}, [](const Config& c) { return of_loss("MeanSquaredError", c); }),
        loss_entry("MeanAbsoluteError", {"mae"}, [](const Config& c) { return of_loss("MeanAbsoluteError", c); }),
        loss_entry("BinaryCrossentropy", {"bce"}, [](const Config& c) { return of_loss("BinaryCrossentropy", c); }),
        loss_entry("CategoricalCrossentropy", {},
                   [](const Config& c) { return of_loss("CategoricalCrossentropy", c); }),
        loss_entry("SparseCategoricalCrossentropy", {},
                   [](const Config& c) { return of_loss("SparseCategoricalCrossentropy", c); })};
    return entries;
}
/// A metric goes by the name it was asked for, as in Keras: "mse" stays "mse".
template <> Box<Metric> make<Metric>(const char* name, const Config* config) {
    Box<Metric> metric = from_table<Metric>("metric", name, config);
    for (const auto& e : table<Metric>())
        if (std::ranges::find(e.aliases, name) != e.aliases.end()) metric->rename(name);
    return metric;
}

}  // namespace xg
