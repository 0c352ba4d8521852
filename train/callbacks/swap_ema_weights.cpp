#include "swap_ema_weights.h"
#include <algorithm>
#include "../model.h"

namespace xg {

namespace {
constexpr char no_average[] = "SwapEMAWeights: expected an optimizer with use_ema, got one without";

/// Each parameter and its average change places.
void swap(Model& model) {
    const auto slots = model.optimizer().slots();
    const auto averages = std::ranges::find(slots, "average", &Optimizer::Slot::name);
    require<std::invalid_argument>(averages != slots.end(), no_average);
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
    fit.while_validating.emplace_back([&model = fit.model] { return std::make_shared<Swapped>(model); });
}
void SwapEMAWeights::on_epoch_begin(Fit& fit) {
    if (std::exchange(fit.averaged, false)) swap(fit.model);
}
/// At the end of training fit puts the averages there, if they are not there yet.
void SwapEMAWeights::on_epoch_end(Fit& fit) {
    require<std::invalid_argument>(fit.model.optimizer().keeps_average(), no_average);
    if (options_.swap_on_epoch && !std::exchange(fit.averaged, true)) swap(fit.model);
}

}  // namespace xg
