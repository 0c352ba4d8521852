#pragma once
#include <string>
#include <vector>
#include "../tensor/tensor.h"
#include "learning_rate.h"

namespace xg {

namespace detail {
struct OptimizerRecord;
}

/// What every optimizer can do beside its rule. 0 is off. Each optimizer's options list the same fields.
struct StepOptions {
    double weight_decay;     // decoupled: w -= rate * weight_decay * w before the step
    double clipnorm;         // the most a parameter's gradient may measure (2-norm)
    double clipvalue;        // the most an element of a gradient may be, up or down
    double global_clipnorm;  // the most all gradients together may measure
    bool use_ema;            // keep an average of the weights, see use_average()
    double ema_momentum;
    int ema_overwrite_frequency;      // steps after which the weights take the average's values
    double loss_scale_factor;         // gradients are of the loss times this
    int gradient_accumulation_steps;  // steps whose mean gradient makes one move
};
template <class Options> StepOptions step_options(const Options& o) {
    return {o.weight_decay,
            o.clipnorm,
            o.clipvalue,
            o.global_clipnorm,
            o.use_ema,
            o.ema_momentum,
            o.ema_overwrite_frequency,
            o.loss_scale_factor,
            o.gradient_accumulation_steps};
}

/// One parameter's stretch of the flat state: its values, its gradient, and the slots beside it.
struct Stretch {
    DType dtype;
    std::int64_t size;
    std::byte* value;
    const std::byte* gradient;
    std::byte* slots[4];
    std::int64_t step;                   // 1 at the first
    double gradient_scale, clip, decay;  // g = clamp(g * scale, -clip, clip); w -= decay * w
};

/// Moves the parameters it first sees into one flat buffer (the tensors stay the same handles), its slots beside it.
/// A subclass is its options and one `update`. A copy has the same settings and starts afresh.
class Optimizer {
public:
    Optimizer(LearningRate rate, StepOptions options, std::vector<std::string> slot_names);
    Optimizer(const Optimizer& o);
    Optimizer(Optimizer&&) = default;
    virtual ~Optimizer() = default;

    /// backward, step, clear the gradients.
    void minimize(const Tensor& cost, const std::vector<Tensor>& parameters);
    /// Moves every parameter that has a gradient.
    void step(const std::vector<Tensor>& parameters);

    /// What the next step will use: the schedule's value times the factor set by scale_learning_rate.
    double learning_rate() const { return rate_.at(steps_) * factor_; }
    void set_learning_rate(LearningRate rate) { rate_ = std::move(rate); }
    /// Works with any schedule: ReduceLROnPlateau multiplies this.
    void scale_learning_rate(double factor) { factor_ *= factor; }
    /// Moves made so far.
    std::int64_t steps() const { return steps_; }

    /// These parameters keep their size whatever weight_decay says.
    void exclude_from_weight_decay(const std::vector<Tensor>& parameters);
    /// Gives the weights their average's values (use_ema).
    void use_average();
    /// What is kept beside the parameters: {"momentum", one tensor a parameter, in the order of the last step}.
    struct Slot {
        std::string name;
        std::vector<Tensor> values;
    };
    std::vector<Slot> slots() const;
    /// How many numbers that are, with the count of steps and the learning rate unless it is a schedule, as Keras
    /// counts them; 0 before the first step.
    std::int64_t count_parameters() const;

protected:
    virtual void update(const Stretch& p, double learning_rate) = 0;

private:
    friend struct detail::OptimizerRecord;  // a checkpoint keeps and restores what is private here
    void bind(const std::vector<Tensor>& parameters);
    bool bound_to(const std::vector<Tensor>& parameters) const;
    void accumulate();
    void move(double rate);
    void average();
    std::byte* at(std::size_t flat, std::size_t parameter) const;
    std::size_t slot(const char* name) const;
    /// The gradient to use for parameter i: its own, or the accumulated one; undefined if it has none.
    Tensor gradient(std::size_t i) const;

    LearningRate rate_;
    StepOptions options_;
    std::vector<std::string> slot_names_;
    double factor_ = 1;
    std::int64_t calls_ = 0, steps_ = 0;
    std::vector<Tensor> bound_, undecayed_;
    std::vector<std::int64_t> offset_;  // where a parameter begins in each flat buffer, in elements
    std::vector<Tensor> flat_;          // values, then the slots
};

void zero_grad(const std::vector<Tensor>& parameters);

}  // namespace xg
