#include "mean.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/reduction.h"
#include "shared.h"

namespace xg {

void MeanMetric::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    const Tensor values = each(y_true, y_pred);
    add(values.rank() == 0 && y_true.rank() > 0 ? broadcast_to(values, {y_true.shape()[0]}) : values, weight);
}
void MeanMetric::visit_counts(const std::function<void(std::vector<double>&)>& f) {
    std::vector<double> both{total_, count_};
    f(both);
    total_ = both.at(0), count_ = both.at(1);
}
void MeanMetric::add(const Tensor& given, const Tensor& weight) {
    NoGrad unrecorded;
    const Tensor values = given.to(f64), weights = detail::weights_for(name(), weight, values.shape());
    total_ += sum(weights.defined() ? values * weights : values).item();
    count_ += weights.defined() ? sum(weights).item() : double(values.numel());
}

namespace {
const TableEntry<Loss>& row_of(const Loss& loss) {
    for (auto& e : table<Loss>())
        if (e.is(loss)) return e;
    fail<std::invalid_argument>("metric: expected a registered loss or {{\"name\", loss}}, got one of another class");
}
/// A loss as a metric, with the loss's settings but for its reduction.
template <class L> TableEntry<Metric> loss_entry() {
    const auto& row = row_of(L());
    return {row.name, [](const Config& c) { return Box<Metric>(LossMetric(row_of(L()).make(c))); }, row.aliases,
            [](const Metric& m) {
                const auto* metric = dynamic_cast<const LossMetric*>(&m);
                if (!metric) return false;
                const Loss& loss = *metric->loss();
                return typeid(loss) == typeid(L);
            },
            [](const Metric& m) {
                Config settings = row_of(L()).settings(*static_cast<const LossMetric&>(m).loss()).without("reduction");
                settings.set("name", m.name());
                return settings;
            }};
}
template <class... L> Table<Metric> loss_entries() { return {loss_entry<L>()...}; }
}  // namespace

LossMetric::LossMetric(Box<Loss> loss) : MeanMetric(snake(row_of(*loss).name)), loss_(std::move(loss)) {}
bool LossMetric::is_cosine() const { return dynamic_cast<const CosineSimilarity*>(&*loss_) != nullptr; }
Tensor LossMetric::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor losses = loss_->each(y_true, y_pred);
    return is_cosine() ? -losses : losses;
}

Table<Metric> mean_metrics() {
    Table<Metric> rows =
        loss_entries<MeanSquaredError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredLogarithmicError,
                     Huber, LogCosh, QuadraticCost, KLDivergence, Poisson, BinaryCrossentropy, CategoricalCrossentropy,
                     SparseCategoricalCrossentropy, BinaryFocalCrossentropy, CategoricalFocalCrossentropy,
                     CategoricalGeneralizedCrossEntropy, Hinge, SquaredHinge, CategoricalHinge, Dice, Tversky,
                     CosineSimilarity, Circle, CTC>();
    for (auto& row : rows)
        if (row.name == "LogCosh") row.aliases.push_back("LogCoshError");
    rows.push_back(entry<Mean, Metric, MetricOptions>("Mean"));
    rows.push_back(entry<Sum, Metric, MetricOptions>("Sum"));
    return rows;
}

}  // namespace xg
