#include "overlap.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
Tensor total(const Tensor& x, const std::vector<int>& axis) {
    return axis.empty() ? sum(x) : sum(x, Axes(axis.begin(), axis.end()));
}
}  // namespace

Tensor Dice::each(const Tensor& y_true, const Tensor& y_pred) const {
    const auto& axis = options_.axis;
    const Tensor y = matched("Dice", y_true, y_pred);
    return 1 - 2 * total(y * y_pred, axis) / (total(y, axis) + total(y_pred, axis) + tiny);
}
Tensor Tversky::each(const Tensor& y_true, const Tensor& y_pred) const {
    const auto& axis = options_.axis;
    const Tensor y = matched("Tversky", y_true, y_pred), both = total(y * y_pred, axis);
    const Tensor missed = total(y * (1 - y_pred), axis), too_much = total((1 - y) * y_pred, axis);
    return 1 - both / (both + options_.alpha * missed + options_.beta * too_much + tiny);
}

template <class F> void fields(DiceOptions& o, F&& field) {
    field("axis", o.axis);
    field("reduction", o.reduction);
}
template <class F> void fields(TverskyOptions& o, F&& field) {
    field("alpha", o.alpha);
    field("beta", o.beta);
    field("axis", o.axis);
    field("reduction", o.reduction);
}
Table<Loss> overlap_losses() {
    return {entry<Dice, Loss, DiceOptions>("Dice"), entry<Tversky, Loss, TverskyOptions>("Tversky")};
}

}  // namespace xg
