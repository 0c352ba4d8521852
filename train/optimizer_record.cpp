#include "optimizer_record.h"
#include <algorithm>

namespace xg::detail {

namespace {
const std::string& name_of(const Tensor& parameter, const NamedTensors& parameters) {
    const auto found = std::ranges::find(parameters, parameter.impl(), [](auto& p) { return p.second.impl(); });
    require<std::logic_error>(found != parameters.end(),
                              "checkpoint: expected an optimizer of the model's parameters, got one of others");
    return found->first;
}
}  // namespace

State OptimizerRecord::save(const Optimizer& o, const NamedTensors& parameters) {
    State state;
    state.set("steps", o.steps_);
    state.set("calls", o.calls_);
    state.set("factor", o.factor_);
    if (o.rate_.constant()) state.set("learning_rate", o.rate_.at(0));
    for (const auto& slot : o.slots())
        for (std::size_t i = 0; i < slot.values.size(); ++i)
            state.set(slot.name + "." + name_of(o.bound_[i], parameters), slot.values[i].copy());
    return state;
}
void OptimizerRecord::load(Optimizer& o, const State& state, const NamedTensors& parameters,
                           const std::vector<Tensor>& trainable) {
    o.calls_ = state.integer("calls"), o.steps_ = state.integer("steps"), o.factor_ = state.number("factor");
    if (o.rate_.constant() && state.contains("learning_rate")) o.rate_ = state.number("learning_rate");
    if (o.calls_ == 0 || trainable.empty()) return;
    o.bind(trainable);
    for (auto& slot : o.slots())
        for (std::size_t i = 0; i < slot.values.size(); ++i)
            slot.values[i].assign(state.tensor(slot.name + "." + name_of(o.bound_[i], parameters)), "checkpoint");
}

}  // namespace xg::detail
