#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>
#include "../../nn/losses/loss.h"

namespace xg {

class State;

/// What is measured over all examples since the last reset, in float64.
class Metric {
public:
    explicit Metric(std::string name) : name_(std::move(name)) {}
    virtual ~Metric() = default;
    /// Takes in a batch. `y_pred` are predictions as the loss understands them: probabilities, never logits, unless
    /// from_logits(). A mask on y_pred takes examples out; results divide by the sum of the weights.
    void update(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {});
    /// The value so far: override the one that fits. result() throws if there are several values; value() is then one a
    /// threshold or class.
    virtual double result() const;
    virtual Tensor value() const;
    virtual void reset() = 0;
    /// Whether more is better; nothing if that cannot be said.
    virtual std::optional<bool> larger_is_better() const { return {}; }
    /// Whether it is to be given the model's outputs as they are, not the loss's predictions.
    virtual bool from_logits() const { return false; }

    /// What it has counted since the last reset, for a checkpoint in the middle of an epoch.
    void save(State& state);
    void load(const State& state);

    const std::string& name() const { return name_; }
    void rename(std::string name) { name_ = std::move(name); }

    /// {"name", f}: f(y_true, y_pred) is the mean over a batch, or one value an example.
    template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>) static auto from(const char* name,
                                                                                                     F f);
    /// A loss, averaged over examples.
    template <std::derived_from<Loss> L> static auto from(L loss);

protected:
    /// `weight` is undefined, or multiplies examples; the mask is in it.
    virtual void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) = 0;
    /// Shows f every list of numbers counted since the last reset, in an order of its own; f may replace them. Throws
    /// unless overridden: a checkpoint would be silently wrong.
    virtual void visit_counts(const std::function<void(std::vector<double>&)>& f);

private:
    std::string name_;
};

/// A metric with its options, as a configuration shows them; `name` in them is used instead of the metric's own.
template <class Options, class Base = Metric> class MetricOf : public Base {
public:
    MetricOf(const char* own_name, Options options)
        : Base(options.name.empty() ? own_name : options.name), options_(std::move(options)) {}
    Options settings() const {
        Options o = options_;
        o.name = this->name();
        return o;
    }

protected:
    Options options_;
};
struct MetricOptions {
    std::string name = {};
};

}  // namespace xg
