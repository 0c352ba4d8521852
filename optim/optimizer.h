#pragma once
#include <atomic>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include "../tensor/convention.h"
#include "../tensor/tensor.h"
#include "learning_rate.h"

namespace xg {

class Config;
class Module;

/// What every optimizer can do beside its rule. 0 is off. Each optimizer's options list the same fields.
struct StepOptions {
    double weight_decay;     // decoupled: w -= rate * weight_decay * w before the step
    double clipnorm;         // the most a parameter's gradient may measure (2-norm)
    double clipvalue;        // the most an element of a gradient may be, up or down
    double global_clipnorm;  // the most all gradients together may measure
    bool use_ema;            // keep an average of the weights, see use_average()
    double ema_momentum;
    int ema_overwrite_frequency;      // steps after which the weights take the average's values
    double loss_scale_factor;         // minimize() differentiates the cost times this; step() divides gradients by it
    int gradient_accumulation_steps;  // steps whose mean gradient makes one move
    bool coupled = false;             // weight decay is added to the gradient instead: g += weight_decay * w
};
/// PyTorch's weight decay is coupled, but for those that ask for decoupled(step_options(o)).
template <class Options> StepOptions step_options(const Options& o) {
    StepOptions s{o.weight_decay,
                  o.clipnorm,
                  o.clipvalue,
                  o.global_clipnorm,
                  o.use_ema,
                  o.ema_momentum,
                  o.ema_overwrite_frequency,
                  o.loss_scale_factor,
                  o.gradient_accumulation_steps};
    if constexpr (requires { o.convention; }) s.coupled = o.convention == Convention::torch;
    return s;
}
inline StepOptions decoupled(StepOptions options) {
    options.coupled = false;
    return options;
}

/// Parameters with settings of their own: named by words that their paths contain ("bias", "0.kernel"), or listed.
/// What is left out stays the optimizer's; where groups overlap the last one counts.
struct ParameterGroup {
    std::vector<std::string> names = {};
    std::vector<Tensor> parameters = {};
    std::optional<LearningRate> learning_rate = {};
    std::optional<double> weight_decay = {};
};

/// One parameter's part of the flat state: its values, its gradient, and its slots.
struct Stretch {
    std::size_t parameter;
    std::int64_t size;
    std::byte* value;
    const std::byte* gradient;
    std::byte* slots[5];
    double scale, clip, coupled_decay, decay;  // g = clamp(g * scale, -clip, clip) + coupled * w; w -= decay * w
    bool plain() const { return scale == 1 && clip == 0 && coupled_decay == 0 && decay == 0; }
};
/// What moves in one step at one learning rate.
struct Move {
    DType dtype;
    double learning_rate;
    std::int64_t step;  // 1 at the first
    std::span<const Stretch> stretches;
    std::atomic<bool>* suspicious = nullptr;  // set where a gradient may not be finite
};

/// Moves the parameters it first sees into one flat buffer (the tensors stay the same handles), its slots beside it.
/// A subclass is its options and one `update`. A copy has the same settings and starts afresh.
class Optimizer {
public:
    Optimizer(LearningRate rate, StepOptions options, std::vector<std::string> slot_names);
    Optimizer(const Optimizer& o);
    Optimizer(Optimizer&&) = default;
    virtual ~Optimizer();

    /// backward, step, clear the gradients.
    void minimize(const Tensor& cost, const std::vector<Tensor>& parameters);
    /// `reached` is called when there are gradients, `moved` after the step, when there still are.
    void minimize(const Tensor& cost, const Module& module, const std::function<void()>& reached = {},
                  const std::function<void()>& moved = {});
    /// The same with a cost that can be evaluated again, as LBFGS needs. Returns the cost before the step.
    virtual Tensor minimize(const std::function<Tensor()>& cost, const std::vector<Tensor>& parameters);
    /// Moves every parameter that has a gradient.
    void step(const std::vector<Tensor>& parameters);
    /// Those of a module: groups may name them.
    void step(const Module& module);

    /// What the next step will use: the schedule's value times the factor set by scale_learning_rate.
    double learning_rate() const { return rate_.at(calls_) * factor_; }
    void set_learning_rate(LearningRate rate) { rate_ = std::move(rate); }
    /// Works with any schedule: ReduceLROnPlateau multiplies this. Of every group.
    void scale_learning_rate(double factor) { factor_ *= factor; }
    /// Moves made so far.
    std::int64_t steps() const { return steps_; }

    void add_group(ParameterGroup group);
    /// These parameters keep their size whatever weight_decay says: listed, or by words in their paths.
    void exclude_from_weight_decay(const std::vector<Tensor>& parameters) {
        add_group({.parameters = parameters, .weight_decay = 0});
    }
    template <std::convertible_to<std::string>... Words> void exclude_from_weight_decay(const Words&... names) {
        add_group({.names = {names...}, .weight_decay = 0});
    }
    /// The parameters whose gradient held NaN or infinity in the last step, which looked in passing: "0.kernel,
    /// 0.bias";
    /// "" if none. LBFGS does not look.
    const std::string& nonfinite_gradients() const { return nonfinite_; }
    /// Whether there is an average of the weights: use_ema, and a step was made.
    bool keeps_average() const { return options_.use_ema && !bound_.empty(); }
    /// Gives the weights their average's values (use_ema).
    void use_average();
    /// Exchanges the weights and their average: twice is as before.
    void swap_average();

    /// What is kept beside the parameters: {"momentum", one tensor a parameter, in the order of the last step}.
    struct Slot {
        std::string name;
        std::vector<Tensor> values;
    };
    std::vector<Slot> slots() const;
    /// How many numbers that are, with the count of steps and the learning rate unless it is a schedule, as Keras
    /// counts them; 0 before the first step.
    std::int64_t count_parameters() const;
    /// All that another optimizer of the same settings needs to go on alike: "calls", "steps", "learning_rate_factor",
    /// then "velocity.2" for the third parameter's slot.
    std::vector<std::pair<std::string, Tensor>> state() const;
    /// Takes what state() gave; before the first step it waits for the parameters. Throws for names that are missing or
    /// unknown, and for other shapes; then nothing is changed.
    void set_state(const std::vector<std::pair<std::string, Tensor>>& state);

    /// The settings, as `config["rho"] = ...`, so that the same can be made again.
    virtual void describe(Config& config) const = 0;
    const LearningRate& rate() const { return rate_; }
    const std::vector<ParameterGroup>& groups() const { return groups_; }

protected:
    virtual void update(const Move& move) = 0;
    /// The shape of slot number `slot` beside a parameter; {0} where there is none.
    virtual Shape slot_shape(std::size_t slot, std::size_t parameter) const;
    /// What it holds before the first step: zeros are there already.
    virtual void start(std::size_t slot, Tensor& values, const Tensor& parameter) const;
    /// Weight decay of a parameter that no group says anything about.
    virtual double weight_decay(std::size_t parameter) const;

    void bind(const std::vector<Tensor>& parameters, const Module* module = nullptr);
    const std::vector<Tensor>& bound() const { return bound_; }
    /// The path of a parameter in the module that was stepped; empty if a list was.
    const std::string& name(std::size_t parameter) const { return names_[parameter]; }
    Tensor slot_of(std::size_t slot, std::size_t parameter) const;
    /// Scaled, clipped and with coupled decay, as a tensor of the parameter's shape; w is decayed.
    Tensor prepared(const Move& move, const Stretch& s) const;
    /// All parameters in one row, and their gradients beside them: 0 where there is none, and between parameters.
    const Tensor& values() const { return flat_[0]; }
    Tensor gathered_gradients() const;
    void count_step() { ++calls_, ++steps_; }

private:
    struct Setting {
        int rate;  // number of the group that has a learning rate; -1: the optimizer's
        double weight_decay;
    };
    void step_bound();
    bool bound_to(const std::vector<Tensor>& parameters) const;
    void settle();
    void accumulate();
    void move();
    void average();
    std::byte* at(std::size_t flat, std::size_t parameter) const;
    std::size_t extra(const char* slot_name) const;
    Tensor gradient(std::size_t i) const;
    std::vector<std::pair<std::string, Tensor>> slot_state() const;

    LearningRate rate_;
    StepOptions options_;
    std::vector<std::string> slot_names_;
    std::vector<ParameterGroup> groups_;
    double factor_ = 1;
    std::int64_t calls_ = 0, steps_ = 0;
    std::vector<Tensor> bound_;
    std::vector<std::string> names_, paths_;               // of what is bound; of all in the module, frozen ones too
    std::vector<Setting> settings_;                        // of each parameter; empty: to be worked out
    std::vector<char> accumulated_;                        // whether a gradient waits for the move
    std::vector<std::vector<std::int64_t>> offset_;        // where a parameter begins in each flat buffer, in elements
    std::vector<Tensor> flat_;                             // values, then the slots
    std::vector<std::pair<std::string, Tensor>> waiting_;  // state for parameters not seen yet
    std::string nonfinite_;                                // gradients of the last move
};

void zero_grad(const std::vector<Tensor>& parameters);

}  // namespace xg
