#include "distribution.h"
#include "shared.h"

namespace xg {

using namespace detail;

Tensor KLDivergence::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_sum(map(
        "kl_divergence", [](auto y, auto p) { return y * log(y / p); },
        clip(matched("KLDivergence", y_true, y_pred), tiny, 1), clip(y_pred, tiny, 1)));
}
Tensor Poisson::each(const Tensor& y_true, const Tensor& y_pred) const {
    return last_mean(map(
        "poisson", [](auto y, auto p) { return p - y * log(p + tiny); }, matched("Poisson", y_true, y_pred), y_pred));
}

Table<Loss> distribution_losses() {
    return {entry<KLDivergence, Loss, LossOptions>("KLDivergence", {"kld", "KLD"}),
            entry<Poisson, Loss, LossOptions>("Poisson")};
}

}  // namespace xg
