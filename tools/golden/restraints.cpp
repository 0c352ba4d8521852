#include "case.h"

namespace xg::golden {

void regularizer(const json& c, Comparison& compare) {
    const auto penalty = make_from<Regularizer>(c);
    differentiate(c, compare, [&](const Inputs& x) { return std::vector{(*penalty)(x.begin()->second)}; });
}
void constraint(const json& c, Comparison& compare) {
    const auto project = make_from<Constraint>(c);
    compare("y", (*project)(read_tensor(c.at("inputs").begin().value())), read_tensor(c.at("outputs").begin().value()));
}

}  // namespace xg::golden
