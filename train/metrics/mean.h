#pragma once
#include "../../nn/losses.h"
#include "metric.h"

namespace xg {

/// A mean of values, one or more an example, weighted if weights come along; 0 before the first.
class MeanMetric : public Metric {
public:
    using Metric::Metric;
    virtual Tensor each(const Tensor& y_true, const Tensor& y_pred) const = 0;
    /// Values that are there already: what update does with those of each().
    void add(const Tensor& values, const Tensor& weight = {});
    double result() const override { return count_ != 0 ? total_ / count_ : 0; }
    void reset() override { total_ = count_ = 0; }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override;
    double total_ = 0, count_ = 0;
};

/// The mean of whatever is given to add(); in fit, of the predictions.
struct Mean : MetricOf<MetricOptions, MeanMetric> {
    explicit Mean(MetricOptions options = {}) : MetricOf("mean", std::move(options)) {}
    Tensor each(const Tensor&, const Tensor& y_pred) const override { return y_pred; }
};
/// The weighted sum of whatever is given to add(); in fit, of the predictions.
struct Sum : MetricOf<MetricOptions, MeanMetric> {
    explicit Sum(MetricOptions options = {}) : MetricOf("sum", std::move(options)) {}
    Tensor each(const Tensor&, const Tensor& y_pred) const override { return y_pred; }
    double result() const override { return total_; }
};

/// Any loss, averaged over examples; of CosineSimilarity the cosine itself, 1 is best.
class LossMetric : public MeanMetric {
public:
    /// By the loss's own name: "mean_squared_error".
    explicit LossMetric(Box<Loss> loss);
    LossMetric(std::string name, Box<Loss> loss) : MeanMetric(std::move(name)), loss_(std::move(loss)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::optional<bool> larger_is_better() const override { return is_cosine(); }
    bool from_logits() const override { return loss_->from_logits(); }
    const Box<Loss>& loss() const { return loss_; }

private:
    bool is_cosine() const;
    Box<Loss> loss_;
};

template <class F>
requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>) auto Metric::from(const char* name,
                                                                                                  F f) {
    struct Call : MeanMetric {
        F f;
        Call(const char* called, F function) : MeanMetric(called), f(std::move(function)) {}
        Tensor each(const Tensor& y_true, const Tensor& y_pred) const override {
            detail::refuse_column_against_vector(name().c_str(), y_true, y_pred);
            return f(y_true, y_pred);
        }
    };
    return Call(name, std::move(f));
}
template <std::derived_from<Loss> L> auto Metric::from(L loss) { return LossMetric(Box<Loss>(std::move(loss))); }

}  // namespace xg
