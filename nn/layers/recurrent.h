#pragma once
#include "../module.h"

namespace xg {

/// What a step, or a sequence of them, gives: the output, and the states after it.
struct Recurrence {
    Tensor y;
    Tensors states;
};

/// One step of a recurrent layer: override `next` and `state_shapes`, and RNN does the rest.
/// Input (batch, ...), each state (batch, ...), output of the first state's shape.
class RecurrentCell : public Module {
public:
    Recurrence step(const Tensor& x, const Tensors& states);
    /// All steps of x (batch, steps, ...), the outputs (batch, steps, ...) or, without `sequences`, the last one. No
    /// states are zeros. Where the mask, if defined, is false, the output before and the states stay; before the first
    /// true one the output is 0.
    Recurrence scan(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences);
    /// The shape of each state, for one step's input. They begin as zeros.
    virtual std::vector<Shape> state_shapes(const Shape& input) const = 0;
    /// x, and the states if they are not the initial ones.
    Tensor forward(const Tensors& x_and_states) override { return forward_all(x_and_states)[0]; }
    Tensor forward(const Tensor& x) override { return forward_all({x})[0]; }
    /// The output and the next states.
    Tensors forward_all(const Tensors& x_and_states) override;

protected:
    virtual Recurrence next(const Tensor& x, const Tensors& states) = 0;
    /// Step by step, unless the cell knows a faster way. What is random in a step is the same in all of them.
    virtual Recurrence over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences);
    /// x with entries dropped in training; a seed of -1 draws from the global stream.
    Tensor drop(const Tensor& x, double rate, std::int64_t seed);
    /// The same for all steps (batch, steps, features) at once: what is dropped is so in every step.
    Tensor drop_features(const Tensor& x, double rate, std::int64_t seed);
    /// The outputs, or the last one, which are 0 and not the initial state before the first real step.
    static Tensor from_first_real(const Tensor& y, const Tensors& initial, const Tensor& mask);
    static void expect_features(const Tensor& x, const Tensor& kernel);
    Tensors zero_states(const Shape& input, DType dtype) const;

private:
    void expect_states(const Shape& input, const Tensors& states) const;
    std::uint64_t& draws_ = counter("draws");
};

/// A cell with a kernel for the input, one for the state, and a bias.
class KernelCell : public RecurrentCell {
protected:
    /// With the settings that `o` has for each; no bias without use_bias.
    template <class Options>
    void make_weights(const Options& o, const Shape& kernel, const Shape& recurrent_kernel, const Shape& bias);
    Tensor kernel_, recurrent_kernel_, bias_;
};

/// Cells on top of each other, as one.
class StackedRNNCells : public RecurrentCell {
public:
    explicit StackedRNNCells(const std::vector<std::shared_ptr<RecurrentCell>>& cells);
    template <std::derived_from<RecurrentCell>... Cells> explicit StackedRNNCells(Cells... cells)
        : StackedRNNCells(std::vector<std::shared_ptr<RecurrentCell>>{share(std::move(cells))...}) {}
    std::vector<Shape> state_shapes(const Shape& input) const override;
    void describe(Config& config) const override;
    static StackedRNNCells from_config(const Config& config);

protected:
    Recurrence next(const Tensor& x, const Tensors& states) override;
    Recurrence over_time(const Tensor& x, const Tensors& states, const Tensor& mask, bool sequences) override;

private:
    /// f(cell, x, its part of the states) from the lowest up, each taking the output below as its x.
    template <class F> Recurrence upwards(const Tensor& x, Shape input, const Tensors& states, const F& f) const;
    std::vector<RecurrentCell*> cells_;
};

struct RNNOptions {
    bool return_sequences = false;  // the outputs of all steps, not of the last
    bool return_state = false;      // outputs() gives the states as well; run() always does
    bool go_backwards = false;      // from the last step to the first; sequences come out in that order
    bool stateful = false;          // a batch begins with the states in which the one before ended
    bool unroll = false;            // Keras' name; it makes no difference here
    bool zero_output_for_mask = false;
    Box<Regularizer> activity_regularizer = {};  // of the output, and of the states with return_state
};
/// A cell over time. Input (batch, steps, ...) and the initial states, if not zeros; output (batch, ...), or (batch,
/// steps, ...) with return_sequences.
class RNN : public Module {
public:
    template <std::derived_from<RecurrentCell> Cell> explicit RNN(Cell cell, RNNOptions options = {})
        : RNN(share(std::move(cell)), std::move(options)) {}
    explicit RNN(std::shared_ptr<RecurrentCell> cell, RNNOptions options = {});
    /// The output and the last states: `auto [y, states] = lstm.run(x)`.
    Recurrence run(const Tensor& x, const Tensors& states = {}) {
        return enter(x, [&] { return recur(x, states); });
    }
    Tensor forward(const Tensor& x) override { return forward(Tensors{x}); }
    Tensor forward(const Tensors& x_and_states) override;
    Tensors forward_all(const Tensors& x_and_states) override;
    /// Makes the next batch begin with zeros; throws unless stateful.
    void reset_states();
    const RNNOptions& sequence_options() const { return options_; }
    void describe(Config& config) const override;
    static RNN from_config(const Config& config);

protected:
    friend class Bidirectional;
    /// The settings of cell and sequence side by side, as LSTM and its like have them.
    void describe_flat(Config& config) const;

private:
    Recurrence recur(const Tensor& x, const Tensors& states);
    RNNOptions options_;
    RecurrentCell& cell_;
    Tensors kept_;  // the states between batches
};

}  // namespace xg
