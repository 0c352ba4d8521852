#pragma once
#include "../io/state.h"
#include "../optim/optimizer.h"

namespace xg::detail {

/// An optimizer's slots by parameter, counts and rate: what it needs to go on as if it had never stopped.
struct OptimizerRecord {
    static State save(const Optimizer& optimizer, const NamedTensors& parameters);
    /// `trainable` are the parameters the next step will be made with.
    static void load(Optimizer& optimizer, const State& state, const NamedTensors& parameters,
                     const std::vector<Tensor>& trainable);
};

}  // namespace xg::detail
