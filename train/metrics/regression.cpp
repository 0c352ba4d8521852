#include "regression.h"
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/reduction.h"
#include "shared.h"

namespace xg {

Tensor RootMeanSquaredError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return square(y_pred.to(f64) - detail::beside(name(), y_true, y_pred).to(f64));
}
double RootMeanSquaredError::result() const { return std::sqrt(MeanMetric::result()); }

namespace {
/// Means, variances and the covariance along axes.
struct Joint {
    Joint(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const std::vector<int>& along) {
        const Axes axis(along.begin(), along.end());
        const Tensor t = detail::beside(metric, y_true, y_pred).to(f64), p = y_pred.to(f64);
        require(t.rank() > 0, "{}: expected at least one axis, got {}", metric, t.shape());
        const Tensor mean_t = mean(t, axis, {.keepdims = true}), mean_p = mean(p, axis, {.keepdims = true});
        apart = square(mean(t, axis) - mean(p, axis));
        var_t = mean(square(t - mean_t), axis), var_p = mean(square(p - mean_p), axis);
        covariance = mean((t - mean_t) * (p - mean_p), axis);
    }
    Tensor apart, var_t, var_p, covariance;
};
}  // namespace

Tensor PearsonCorrelation::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Joint j(name(), y_true, y_pred, options_.axis);
    return j.covariance / (sqrt(j.var_t) * sqrt(j.var_p));
}
Tensor ConcordanceCorrelation::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Joint j(name(), y_true, y_pred, options_.axis);
    return 2 * j.covariance / (j.apart + j.var_t + j.var_p + 1e-7);
}

R2Score::R2Score(R2Options options) : MetricOf("r2_score", std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(
        o.class_aggregation.empty() || o.class_aggregation == "uniform_average" ||
            o.class_aggregation == "variance_weighted_average",
        "R2Score: expected class_aggregation uniform_average, variance_weighted_average or none, got {}",
        o.class_aggregation);
    require<std::invalid_argument>(o.num_regressors >= 0, "R2Score: expected num_regressors >= 0, got {}",
                                   o.num_regressors);
}
void R2Score::reset() {
    columns_.assign(columns_.size(), {});
    elements_ = 0;
}
void R2Score::visit_counts(const std::function<void(std::vector<double>&)>& f) {
    std::vector<double> numbers{elements_};
    for (const Column& c : columns_) numbers.insert(numbers.end(), {c.weight, c.mean, c.spread, c.error});
    f(numbers);
    elements_ = numbers.at(0);
    columns_.resize(numbers.size() / 4);
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        const double* c = &numbers[1 + 4 * i];
        columns_[i] = {c[0], c[1], c[2], c[3]};
    }
}
void R2Score::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    require(y_pred.rank() >= 1 && y_pred.rank() <= 2, "{}: expected y_pred (batch, outputs), got {}", name(),
            y_pred.shape());
    const Tensor truth = detail::beside(name(), y_true, y_pred).to(f64), predictions = y_pred.to(f64);
    const Tensor weights = detail::weights_for(name(), weight, y_pred.shape());
    const auto n = y_pred.rank() == 2 ? y_pred.shape()[1] : 1;
    if (columns_.empty()) columns_.resize(n);
    require(std::int64_t(columns_.size()) == n, "{}: expected {} outputs as before, got {}", name(), columns_.size(),
            n);
    for (std::int64_t i = 0; i < truth.numel(); ++i) {
        Column& c = columns_[i % n];
        const double w = weights.defined() ? weights.raw<double>()[i] : 1, t = truth.raw<double>()[i];
        const double off = t - predictions.raw<double>()[i];
        c.error += w * off * off;
        if (w == 0) continue;
        // Counted from the first value, with the mean updated as values come in (West 1979), nothing cancels.
        if (c.weight == 0) c.origin = t;
        const double from_mean = t - c.origin - c.mean;
        c.weight += w;
        c.mean += w / c.weight * from_mean;
        c.spread += w * from_mean * (t - c.origin - c.mean);
    }
    elements_ += double(truth.numel());
}
Tensor R2Score::value() const {
    const auto n = std::int64_t(columns_.size());
    std::vector<double> scores;
    double sum = 0, weighted = 0, spread = 0;
    for (const Column& c : columns_) {
        const double ratio = c.error / c.spread, score = std::isinf(ratio) ? 0 : 1 - ratio;
        scores.push_back(score);
        sum += score, weighted += score * c.spread, spread += c.spread;
    }
    // Keras counts elements, not rows, when it adjusts.
    const double samples = elements_, p = double(options_.num_regressors);
    const auto adjusted = [&](double r2) {
        return p > 0 && samples - p - 1 > 0 ? 1 - (1 - r2) * (samples - 1) / (samples - p - 1) : r2;
    };
    if (options_.class_aggregation == "uniform_average") return full({}, adjusted(sum / double(n)), f64);
    if (!options_.class_aggregation.empty()) return full({}, adjusted(weighted / spread), f64);
    for (double& score : scores) score = adjusted(score);
    return Tensor::of<double>({n}, scores);
}

template <class F> void fields(CorrelationOptions& o, F&& field) {
    field("name", o.name);
    field("axis", o.axis);
}
template <class F> void fields(R2Options& o, F&& field) {
    field("class_aggregation", o.class_aggregation);
    field("num_regressors", o.num_regressors);
    field("name", o.name);
}
namespace {
/// null is a setting here, not the default.
Box<Metric> make_r2(const Config& config) {
    Config given = config;
    if (given.null("class_aggregation")) given.set("class_aggregation", "");
    return R2Score(read<R2Options>("config", given));
}
}  // namespace
Table<Metric> regression_metrics() {
    using M = Metric;
    TableEntry<M> r2 = entry<R2Score, M, R2Options>("R2Score");
    r2.make = make_r2;
    return {entry<RootMeanSquaredError, M, MetricOptions>("RootMeanSquaredError", {"rmse"}),
            entry<PearsonCorrelation, M, CorrelationOptions>("PearsonCorrelation"),
            entry<ConcordanceCorrelation, M, CorrelationOptions>("ConcordanceCorrelation"), r2};
}

}  // namespace xg
