#pragma once
#include <optional>
#include <string>
#include "../tensor/box.h"
#include "../tensor/tensor.h"

namespace xg {

/// How the losses of the examples become one number: "sum_over_batch_size" (and "mean") divides by how many there are,
/// "sum" adds, "mean_with_sample_weight" divides by the weights, "none" keeps them apart.
using ReductionName = std::string;

/// The cost of a batch, from (y_true, y_pred).
class Loss {
public:
    explicit Loss(ReductionName reduction = "sum_over_batch_size");
    virtual ~Loss() = default;
    /// Reduced; `sample_weight` multiplies each example's loss. A mask on y_pred takes examples out.
    Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const;
    /// One loss an example: y_pred's shape without its last axis, for most.
    virtual Tensor each(const Tensor& y_true, const Tensor& y_pred) const = 0;
    /// What y_pred means as probabilities (or plain predictions): metrics ask the loss, so nobody says from_logits
    /// twice.
    virtual Tensor predictions(const Tensor& y_pred) const { return y_pred; }
    /// Labels that are class numbers must be below this many classes; 0: they are not.
    virtual std::int64_t classes(const Tensor&) const { return 0; }
    const ReductionName& reduction() const { return reduction_; }

    /// Any function (y_true, y_pred) -> Tensor is a loss; a scalar it returns is the batch's.
    template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>) static auto from(F f) {
        struct Call : Loss {
            F f;
            explicit Call(F function) : f(std::move(function)) {}
            Tensor each(const Tensor& y_true, const Tensor& y_pred) const override { return f(y_true, y_pred); }
        };
        return Call(std::move(f));
    }

protected:
    /// Examples that `each` left out on its own: true = counts; undefined if all do.
    virtual Tensor counted(const Tensor&) const { return {}; }

private:
    ReductionName reduction_;
};

struct LossOptions {
    ReductionName reduction = "sum_over_batch_size";
};
/// Mean over the last axis of (y_true - y_pred)^2.
struct MeanSquaredError : Loss {
    explicit MeanSquaredError(LossOptions o = {}) : Loss(o.reduction) {}
    LossOptions settings() const { return {reduction()}; }
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// Mean over the last axis of |y_true - y_pred|.
struct MeanAbsoluteError : Loss {
    explicit MeanAbsoluteError(LossOptions o = {}) : Loss(o.reduction) {}
    LossOptions settings() const { return {reduction()}; }
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
struct HuberOptions {
    double delta = 1;
    ReductionName reduction = "sum_over_batch_size";
};
/// Quadratic within delta, linear beyond (Huber 1964).
class Huber : public Loss {
public:
    explicit Huber(HuberOptions o = {}) : Loss(o.reduction), delta_(o.delta) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;

private:
    double delta_;
};
/// 1/2 the squared distance of each example; with the default reduction C = 1/(2n) sum ||y_true - y_pred||^2.
struct QuadraticCost : Loss {
    explicit QuadraticCost(LossOptions o = {}) : Loss(o.reduction) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
};
/// C = 1/(2n) sum over the n rows of ||y_true - y_pred||^2.
Tensor quadratic_cost(const Tensor& y_true, const Tensor& y_pred);

struct CrossentropyOptions {
    bool from_logits = false;
    double label_smoothing = 0;
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// -y log p - (1 - y) log(1 - p), mean over the axis. y_true and y_pred of one shape.
class BinaryCrossentropy : public Loss {
public:
    explicit BinaryCrossentropy(CrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;

public:
    const CrossentropyOptions& settings() const { return options_; }

private:
    CrossentropyOptions options_;
};
/// -sum of y log p along the axis; y_true are probabilities, one-hot for classes.
class CategoricalCrossentropy : public Loss {
public:
    explicit CategoricalCrossentropy(CrossentropyOptions options = {});
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;

public:
    const CrossentropyOptions& settings() const { return options_; }

private:
    CrossentropyOptions options_;
};
struct SparseCrossentropyOptions {
    bool from_logits = false;
    std::optional<std::int64_t> ignore_class = {};  // examples of this class count for nothing
    int axis = -1;
    ReductionName reduction = "sum_over_batch_size";
};
/// -log p[label]. y_true (batch, ...) class numbers, y_pred (batch, ..., classes).
class SparseCategoricalCrossentropy : public Loss {
public:
    explicit SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {})
        : Loss(options.reduction), options_(std::move(options)) {}
    Tensor each(const Tensor& y_true, const Tensor& y_pred) const override;
    Tensor predictions(const Tensor& y_pred) const override;
    std::int64_t classes(const Tensor& y_pred) const override {
        return !options_.ignore_class ? y_pred.shape().back() : 0;
    }

protected:
    Tensor counted(const Tensor& y_true) const override;

public:
    const SparseCrossentropyOptions& settings() const { return options_; }

private:
    SparseCrossentropyOptions options_;
};

}  // namespace xg
