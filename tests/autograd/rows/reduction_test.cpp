#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& reduction_rows() {
    static const std::vector<Shapes> one{{{2, 3}}, {{2, 3, 2}}};
    static const std::vector<GradientRow> rows{
        {"sum", [](auto& x) { return sum(x[0] * x[0]); }, {{{2, 3}}, {{}}}},
        {"sum over an axis", [](auto& x) { return sum(x[0] * x[0], 1); }, one},
        {"sum keepdims",
         [](auto& x) {
             return sum(x[0] * x[0], {0, 1}, {.keepdims = true});
         },
         one},
        {"mean", [](auto& x) { return mean(x[0] * x[0]); }, {{{2, 3}}, {{}}}, -2, 2, 0, true, false},
        {"mean over an axis", [](auto& x) { return mean(x[0] * x[0], -1); }, one},
        {"sum_to", [](auto& x) { return sum_to(x[0] * x[0], {3}); }, {{{2, 3}}}, -2, 2, 0, false},
    };
    return rows;
}

}  // namespace xg::test
