#include "swap_ema_weights.h"
#include <algorithm>
#include "../../io/state.h"
#include "../model.h"

namespace xg {

namespace {
/// Each parameter and its average change places.
void swap(Model& model) {
    const auto slots = model.optimizer().slots();
    const auto averages = std::ranges::find(slots, "average", &Optimizer::Slot::name);
    require<std::invalid_argument>(averages != slots.end(),
                                   "SwapEMAWeights: expected an optimizer with use_ema, got one without");
    auto parameters = model.parameters();
    require<std::logic_error>(parameters.size() == averages->values.size(),
                              "SwapEMAWeights: expected {} trained parameters, got {}", averages->values.size(),
                              parameters.size());
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        Tensor average = averages->values[i];
        const Tensor weights = parameters[i].detach().copy();
        parameters[i].assign(average, "SwapEMAWeights");
        average.assign(weights, "SwapEMAWeights");
    }
}
struct Swapped {
    explicit Swapped(Model& m) : model(m) { swap(model); }
    ~Swapped() { swap(model); }
    Swapped(const Swapped&) = delete;
    Model& model;
};
}  // namespace

void SwapEMAWeights::on_train_begin(Fit& fit) {
    swapped_ = false;
    fit.while_validating.emplace_back([&model = fit.model] { return std::make_shared<Swapped>(model); });
}
void SwapEMAWeights::on_epoch_begin(Fit& fit) {
    if (std::exchange(swapped_, false)) swap(fit.model);
}
void SwapEMAWeights::on_epoch_end(Fit& fit) {
    if (options_.swap_on_epoch && !std::exchange(swapped_, true)) swap(fit.model);
}
void SwapEMAWeights::on_train_end(Fit& fit) {
    if (!std::exchange(swapped_, true)) swap(fit.model);
}
void SwapEMAWeights::save(State& state) const { state.set("swapped", swapped_); }
void SwapEMAWeights::load(const State& state) { swapped_ = state.integer("swapped"); }

}  // namespace xg
