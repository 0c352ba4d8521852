#pragma once
#include <optional>
#include <string>
#include "../nn/losses.h"

namespace xg {

class State;

/// A mean over all examples seen since the last reset, weighted if weights come along.
class Metric {
public:
    explicit Metric(std::string name) : name_(std::move(name)) {}
    virtual ~Metric() = default;
    /// One value an example. `y_pred` are predictions as the loss understands them: probabilities, never logits.
    virtual Tensor each(const Tensor& y_true, const Tensor& y_pred) const = 0;
    /// Whether more is better; nothing if that cannot be said.
    virtual std::optional<bool> larger_is_better() const { return {}; }
    virtual double result() const { return count_ > 0 ? total_ / count_ : 0; }

    void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {});
    /// Values that are there already: what update does with those of each().
    void add(const Tensor& values, const Tensor& weight = {});
    void reset() { total_ = count_ = 0; }
    /// What it has seen since the last reset, for a checkpoint in the middle of an epoch.
    virtual void save(State& state) const;
    virtual void load(const State& state);
    const std::string& name() const { return name_; }
    void rename(std::string name) { name_ = std::move(name); }
    /// {"name", f}: f(y_true, y_pred) is the mean over a batch, or one value an example.
    template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>) static auto from(const char* name,
                                                                                                     F f) {
        struct Call : Metric {
            F f;
            Call(const char* called, F function) : Metric(called), f(std::move(function)) {}
            Tensor each(const Tensor& y_true, const Tensor& y_pred) const override { return f(y_true, y_pred); }
        };
        return Call(name, std::move(f));
    }

protected:
    double total_ = 0, count_ = 0;

private:
    std::string name_;
};

/// The mean of whatever is given to add(); in fit, of the predictions.
struct Mean : Metric {
    Mean() : Metric("mean") {}
    Tensor each(const Tensor&, const Tensor& y_pred) const override { return y_pred; }
};
/// The sum of whatever is given to add(); in fit, of the predictions.
struct Sum : Metric {
    Sum() : Metric("sum") {}
    Tensor each(const Tensor&, const Tensor& y_pred) const override { return y_pred; }
    double result() const override { return total_; }
};

/// A share of right answers.
struct AccuracyMetric : Metric {
    using Metric::Metric;
    std::optional<bool> larger_is_better() const override { return true; }
};
/// How often the largest entry of y_pred (batch, ..., classes) is the label.
struct SparseCategoricalAccuracy : AccuracyMetric {
    SparseCategoricalAccuracy() : AccuracyMetric("sparse_categorical_accuracy") {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// How often the largest entries of y_true (one-hot) and y_pred are the same.
struct CategoricalAccuracy : AccuracyMetric {
    CategoricalAccuracy() : AccuracyMetric("categorical_accuracy") {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct BinaryAccuracyOptions {
    double threshold = 0.5;
};
/// How often y_pred > threshold agrees with y_true.
struct BinaryAccuracy : AccuracyMetric {
    explicit BinaryAccuracy(BinaryAccuracyOptions o = {}) : AccuracyMetric("binary_accuracy"), options(o) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    BinaryAccuracyOptions options;
};
/// How often y_pred equals y_true.
struct Accuracy : AccuracyMetric {
    Accuracy() : AccuracyMetric("accuracy") {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// "accuracy": binary, sparse categorical or categorical, by the shapes.
struct AccuracyByShape : AccuracyMetric {
    AccuracyByShape() : AccuracyMetric("accuracy") {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Any loss, averaged over examples.
struct LossMetric : Metric {
    LossMetric(std::string name, Box<Loss> loss) : Metric(std::move(name)), loss_(std::move(loss)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override { return loss_->each(y_true, y_pred); }
    std::optional<bool> larger_is_better() const override { return false; }

private:
    Box<Loss> loss_;
};
struct RootMeanSquaredError : Metric {
    RootMeanSquaredError() : Metric("root_mean_squared_error") {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    std::optional<bool> larger_is_better() const override { return false; }
    double result() const override;
};

}  // namespace xg
