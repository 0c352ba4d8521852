#include "case.h"

namespace xg::golden {

void loss(const Json& c, Comparison& compare) {
    const auto loss = make_from<Loss>(c);
    differentiate(c, compare, [&](Inputs& x) {
        if (x.contains("mask")) x["y_pred"].set_mask(x["mask"]);
        return std::vector{
            (*loss)(x["y_true"], x["y_pred"], x.contains("sample_weight") ? x["sample_weight"] : Tensor())};
    });
}

}  // namespace xg::golden
