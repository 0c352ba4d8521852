#include "case.h"

namespace xg::golden {

void regularizer(const Json& c, Comparison& compare) {
    const auto penalty = make_from<Regularizer>(c);
    differentiate(c, compare, [&](const Inputs& x) { return std::vector{(*penalty)(x.begin()->second)}; });
}
void constraint(const Json& c, Comparison& compare) {
    const auto project = make_from<Constraint>(c);
    compare("y", (*project)(read_tensor(c.at("inputs").items().front().second)),
            read_tensor(c.at("outputs").items().front().second));
}

}  // namespace xg::golden
