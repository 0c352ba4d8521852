#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& arithmetic_rows() {
    static const std::vector<Shapes> binary{{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 3}, {2, 1}}, {{2, 1, 3}, {4, 1}},
                                            {{3}, {}},        {{}, {2, 2}},  {{1, 3}, {2, 1}}};
    static const std::vector<GradientRow> rows{
        {"operator+", [](auto& x) { return x[0] + x[1]; }, binary},
        {"operator-", [](auto& x) { return x[0] - x[1]; }, binary},
        {"operator*", [](auto& x) { return x[0] * x[1]; }, binary},
        {"operator/", [](auto& x) { return x[0] / x[1]; }, binary, 0.5, 2},
        {"operator- of one", [](auto& x) { return -x[0]; }, {{{2, 3}}, {{}}}},
        {"operator+ with a number",
         [](auto& x) { return 2 * x[0] * x[0] + 1.5 - x[0] / 3 + 2 / x[0]; },
         {{{2, 3}}},
         0.5,
         2},
        {"maximum", [](auto& x) { return maximum(x[0], x[1]); }, binary, -2, 2, 0.05},
        {"minimum", [](auto& x) { return minimum(x[0], x[1]); }, binary, -2, 2, 0.05},
        {"where",
         [](auto& x) {
             return where(tensor<bool>({{true, false, true}}), x[0], x[1]);
         },
         {{{2, 3}, {2, 3}}, {{3}, {2, 1}}, {{}, {3}}}},
        {"mod", [](auto& x) { return mod(x[0], x[1]); }, {{{2, 3}, {3}}}, 0.7, 2, 0.03},
    };
    return rows;
}

}  // namespace xg::test
