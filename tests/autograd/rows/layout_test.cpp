#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& layout_rows() {
    static const std::vector<Shapes> one{{{2, 3}}, {{2, 3, 2}}};
    static const std::vector<GradientRow> rows{
        {"reshape", [](auto& x) { return reshape(x[0] * x[0], {-1}); }, one},
        {"broadcast_to",
         [](auto& x) {
             return broadcast_to(x[0] * x[0], {4, 2, 3});
         },
         {{{2, 3}}, {{3}}, {{2, 1}}, {{}}},
         -2,
         2,
         0,
         true,
         false},
        {"transpose", [](auto& x) { return transpose(x[0] * x[0]); }, one},
        {"transpose with axes",
         [](auto& x) {
             return transpose(x[0] * x[0], {1, -1, 0});
         },
         {{{2, 3, 4}}}},
        {"slice", [](auto& x) { return slice(x[0] * x[0], 0, 1); }, one, -2, 2, 0, true, false},
    };
    return rows;
}

}  // namespace xg::test
