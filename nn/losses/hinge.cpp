#include "hinge.h"
#include "../../autograd/ops/logic.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
Tensor signs(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
    const Tensor y = matched(loss, y_true, y_pred);
    return all((y == 0) | (y == 1)).item<bool>() ? 2 * y - 1 : y;
}
}  // namespace

Tensor detail::positive_part(const Tensor& x) {
    return map(
        "hinge", x, [](auto v) { return where(v >= 0, v, 0); }, [](auto dy, auto v) { return where(v >= 0, dy, 0); });
}

Tensor Hinge::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(positive_part(1 - signs("Hinge", y_true, y_pred) * y_pred));
}
Tensor SquaredHinge::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(square(positive_part(1 - signs("SquaredHinge", y_true, y_pred) * y_pred)));
}
Tensor CategoricalHinge::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor y = of_one_shape("CategoricalHinge", y_true, y_pred);
    require(y.rank() > 0, "CategoricalHinge: expected y_pred (..., classes), got {}", y.shape());
    return positive_part(1 + max((1 - y) * y_pred, -1) - sum(y * y_pred, -1));
}

Table<Loss> hinge_losses() {
    return {entry<Hinge, Loss, LossOptions>("Hinge"), entry<SquaredHinge, Loss, LossOptions>("SquaredHinge"),
            entry<CategoricalHinge, Loss, LossOptions>("CategoricalHinge")};
}

}  // namespace xg
