#include "fbeta.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include "../../tensor/create.h"
#include "shared.h"

namespace xg {

namespace {
constexpr double tiny = 1e-7;  // Keras adds it to every divisor
}

FBetaScore::FBetaScore(const char* own_name, FBetaOptions options) : MetricOf(own_name, std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(
        o.average.empty() || o.average == "micro" || o.average == "macro" || o.average == "weighted",
        "{}: expected average micro, macro, weighted or none, got {}", own_name, o.average);
    require<std::invalid_argument>(o.beta > 0, "{}: expected beta > 0, got {}", own_name, o.beta);
    require<std::invalid_argument>(!o.threshold || (0 < *o.threshold && *o.threshold <= 1),
                                   "{}: expected 0 < threshold <= 1, got {}", own_name, o.threshold.value_or(1));
}
void FBetaScore::reset() {
    for (auto* counts : {&tp_, &fp_, &fn_}) std::fill(counts->begin(), counts->end(), 0);
}
void FBetaScore::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    require(y_pred.rank() == 2 && y_true.shape() == y_pred.shape(),
            "{}: expected y_true and y_pred (batch, classes), got {} and {}", name(), y_true.shape(), y_pred.shape());
    const auto rows = y_pred.shape()[0], classes = y_pred.shape()[1];
    if (tp_.empty()) tp_.resize(classes), fp_.resize(classes), fn_.resize(classes);
    require(std::int64_t(tp_.size()) == classes, "{}: expected {} classes as before, got {}", name(), tp_.size(),
            classes);
    const Tensor truth = y_true.to(f64), predictions = y_pred.to(f64);
    const Tensor weights = detail::weights_for(name(), weight, y_pred.shape());
    for (std::int64_t r = 0; r < rows; ++r) {
        const double *t = truth.raw<double>() + r * classes, *p = predictions.raw<double>() + r * classes;
        const double* w = weights.defined() ? weights.raw<double>() + r * classes : nullptr;
        const double top = *std::max_element(p, p + classes);
        for (std::int64_t c = 0; c < classes; ++c) {
            require<std::domain_error>(!std::isnan(p[c]), "{}: expected predictions other than NaN, got one in row {}",
                                       name(), r);
            const bool called = options_.threshold ? p[c] > *options_.threshold : p[c] >= top && std::fabs(p[c]) > 1e-9;
            const double of = w ? w[c] : 1;
            tp_[c] += of * called * t[c];
            fp_[c] += of * called * (1 - t[c]);
            fn_[c] += of * !called * t[c];
        }
    }
}
Tensor FBetaScore::value() const {
    const auto n = std::int64_t(tp_.size());
    const double square = options_.beta * options_.beta;
    const auto score = [&](double tp, double fp, double fn) {
        const double precision = tp / (tp + fp + tiny), recall = tp / (tp + fn + tiny);
        return (1 + square) * (precision * recall / (square * precision + recall + tiny));
    };
    const auto total = [](const std::vector<double>& v) { return std::accumulate(v.begin(), v.end(), 0.0); };
    if (options_.average == "micro") return full({}, score(total(tp_), total(fp_), total(fn_)), f64);
    std::vector<double> each;
    for (std::int64_t c = 0; c < n; ++c) each.push_back(score(tp_[c], fp_[c], fn_[c]));
    if (options_.average.empty()) return Tensor::of<double>({n}, each);
    if (options_.average == "macro") return full({}, n ? total(each) / double(n) : 0, f64);
    double weighted = 0;
    for (std::int64_t c = 0; c < n; ++c) weighted += each[c] * (tp_[c] + fn_[c]) / (total(tp_) + total(fn_) + tiny);
    return full({}, weighted, f64);
}

template <class F> void fields(FBetaOptions& o, F&& field) {
    field("average", o.average);
    field("beta", o.beta);
    field("threshold", o.threshold);
    field("name", o.name);
}
template <class F> void fields(F1Options& o, F&& field) {
    field("average", o.average);
    field("threshold", o.threshold);
    field("name", o.name);
}
Table<Metric> fbeta_metrics() {
    return {entry<FBetaScore, Metric, FBetaOptions>("FBetaScore", {"fbeta_score"}),
            entry<F1Score, Metric, F1Options>("F1Score")};
}

}  // namespace xg
