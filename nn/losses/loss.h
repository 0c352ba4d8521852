#pragma once
#include <string>
#include "../../tensor/box.h"
#include "../../tensor/tensor.h"

namespace xg {

/// How the losses of the examples become one number: "sum_over_batch_size" (and "mean") divides by how many there are,
/// "sum" adds, "mean_with_sample_weight" divides by the weights, "none" keeps them apart.
using ReductionName = std::string;

namespace detail {
/// Throws for (8,) against (8, 1): an operation between them would broadcast to (8, 8) in silence.
void refuse_column_against_vector(const char* who, const Tensor& y_true, const Tensor& y_pred);
}  // namespace detail

/// The cost of a batch, from (y_true, y_pred).
class Loss {
public:
    explicit Loss(ReductionName reduction = "sum_over_batch_size");
    virtual ~Loss() = default;
    /// Reduced; `sample_weight` multiplies the losses, aligned with their last axes as NumPy does,
    /// else with their first. A mask on y_pred takes examples out.
    Tensor operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight = {}) const;
    /// The same where `sample_weight` (rows,) goes with the rows of the batch, as many as other axes may have: in fit.
    Tensor of_rows(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const;
    /// One loss an example: y_pred's shape without its last axis, for most.
    virtual Tensor each(const Tensor& y_true, const Tensor& y_pred) const = 0;
    /// What y_pred means as probabilities (or plain predictions): metrics ask the loss, so nobody says from_logits
    /// twice.
    virtual Tensor predictions(const Tensor& y_pred) const { return y_pred; }
    /// Whether y_pred are logits.
    virtual bool from_logits() const { return false; }
    /// Labels that are class numbers must be below this many classes; 0: they are not.
    virtual std::int64_t classes(const Tensor&) const { return 0; }

    /// Any function (y_true, y_pred) -> Tensor is a loss; a scalar it returns is the batch's.
    template <class F>
    requires(std::is_invocable_r_v<Tensor, const F&, const Tensor&, const Tensor&>) static auto from(F f) {
        struct Call : Loss {
            F f;
            explicit Call(F function) : f(std::move(function)) {}
            Tensor each(const Tensor& y_true, const Tensor& y_pred) const override {
                detail::refuse_column_against_vector("loss", y_true, y_pred);
                return f(y_true, y_pred);
            }
        };
        return Call(std::move(f));
    }

protected:
    /// Which examples count: y_pred's mask, unless the loss itself makes use of that.
    virtual Tensor mask_of(const Tensor& y_pred) const { return y_pred.mask(); }
    /// Examples that `each`, whose result is given, left out on its own: true = counts; undefined if all do.
    virtual Tensor counted(const Tensor& /*y_true*/, const Tensor& /*losses*/) const { return {}; }

private:
    Tensor weighed(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight, bool by_row) const;

    ReductionName reduction_;
};

/// A loss with its options, as a configuration shows them.
template <class Options> class LossOf : public Loss {
public:
    explicit LossOf(Options options = {}) : Loss(options.reduction), options_(std::move(options)) {}
    const Options& settings() const { return options_; }

protected:
    Options options_;
};
struct LossOptions {
    ReductionName reduction = "sum_over_batch_size";
};

}  // namespace xg
