#include "regression.h"
#include "shared.h"

namespace xg {

using namespace detail;

Tensor MeanSquaredError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "squared_error", [](auto y, auto p) { return (p - y) * (p - y); }, matched("MeanSquaredError", y_true, y_pred),
        y_pred));
}
Tensor MeanAbsoluteError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "absolute_error", [](auto y, auto p) { return abs(p - y); }, matched("MeanAbsoluteError", y_true, y_pred),
        y_pred));
}
Tensor MeanAbsolutePercentageError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "absolute_percentage_error", [](auto y, auto p) { return 100 * abs((y - p) / maximum(abs(y), tiny)); },
        matched("MeanAbsolutePercentageError", y_true, y_pred), y_pred));
}
Tensor MeanSquaredLogarithmicError::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "squared_logarithmic_error",
        [](auto y, auto p) {
            const auto off = log1p(maximum(p, tiny)) - log1p(maximum(y, tiny));
            return off * off;
        },
        matched("MeanSquaredLogarithmicError", y_true, y_pred), y_pred));
}
Tensor LogCosh::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor off = y_pred - matched("LogCosh", y_true, y_pred);
    return last_mean(map(
        "log_cosh", off, [](auto e) { return e + softplus(-2 * e) - 0.6931471805599453; },
        [](auto dy, auto e) { return dy * tanh(e); }));
}
Huber::Huber(HuberOptions options) : LossOf(std::move(options)) {
    require<std::invalid_argument>(options_.delta > 0, "Huber: expected delta > 0, got {}", options_.delta);
}
Tensor Huber::each(const Tensor& y_true, const Tensor& y_pred) const {
    const double d = options_.delta;
    const Tensor off = y_pred - matched("Huber", y_true, y_pred);
    return last_mean(map(
        "huber", off, [=](auto e) { return where(abs(e) <= d, 0.5 * e * e, d * abs(e) - 0.5 * d * d); },
        [=](auto dy, auto e) { return dy * minimum(maximum(e, -d), d); }));
}
Tensor QuadraticCost::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_sum(map(
        "quadratic_cost", [](auto y, auto p) { return 0.5 * (p - y) * (p - y); },
        matched("quadratic_cost", y_true, y_pred), y_pred));
}
Tensor quadratic_cost(const Tensor& y_true, const Tensor& y_pred) {
    return QuadraticCost()(of_one_shape("quadratic_cost", y_true, y_pred), y_pred);
}

template <class F> void fields(HuberOptions& o, F&& field) {
    field("delta", o.delta);
    field("reduction", o.reduction);
}
Table<Loss> regression_losses() {
    return {entry<MeanSquaredError, Loss, LossOptions>("MeanSquaredError", {"mse", "MSE"}),
            entry<MeanAbsoluteError, Loss, LossOptions>("MeanAbsoluteError", {"mae", "MAE"}),
            entry<MeanAbsolutePercentageError, Loss, LossOptions>("MeanAbsolutePercentageError", {"mape", "MAPE"}),
            entry<MeanSquaredLogarithmicError, Loss, LossOptions>("MeanSquaredLogarithmicError", {"msle", "MSLE"}),
            entry<LogCosh, Loss, LossOptions>("LogCosh", {"logcosh"}),
            entry<Huber, Loss, HuberOptions>("Huber", {"huber_loss"}),
            entry<QuadraticCost, Loss, LossOptions>("QuadraticCost")};
}

}  // namespace xg
