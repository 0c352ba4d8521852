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
        {"flip",
         [](auto& x) {
             return flip(x[0] * x[0], {0, 1});
         },
         one},
        {"roll", [](auto& x) { return roll(x[0] * x[0], -4, 1); }, one},
        {"roll over several axes",
         [](auto& x) {
             return roll(x[0] * x[0], {1, -2}, {0, 1});
         },
         one},
        {"roll in row-major order", [](auto& x) { return roll(x[0] * x[0], 2); }, one},
        {"moveaxis", [](auto& x) { return moveaxis(x[0] * x[0], 0, -1); }, one},
        {"squeeze", [](auto& x) { return squeeze(x[0] * x[0]); }, {{{2, 1, 3}}}},
        {"expand_dims", [](auto& x) { return expand_dims(x[0] * x[0], -1); }, one},
        {"swapaxes", [](auto& x) { return swapaxes(x[0] * x[0], 0, -1); }, one},
        {"concatenate",
         [](auto& x) {
             return concatenate({x[0], x[1] * x[1]}, 1);
         },
         {{{2, 3}, {2, 3}}, {{2, 1}, {2, 3}}}},
        {"stack",
         [](auto& x) {
             return stack({x[0], x[1] * x[1]}, -1);
         },
         {{{2, 3}, {2, 3}}}},
        {"split",
         [](auto& x) { return split(x[0] * x[0], 2, 1)[1] * split(x[0], 2, 1)[0]; },
         {{{2, 4}}},
         -2,
         2,
         0,
         false},
        {"split at positions",
         [](auto& x) {
             const auto pieces = split(x[0] * x[0], {0, 1, 3}, 1);
             return concatenate({pieces[3] * pieces[1], pieces[2], pieces[0]}, 1);
         },
         {{{2, 4}}},
         -2,
         2,
         0,
         false},
        {"tile",
         [](auto& x) {
             return tile(x[0] * x[0], {2, 1, 3});
         },
         one},
        {"repeat", [](auto& x) { return repeat(x[0] * x[0], 3, 1); }, one},
        {"pad",
         [](auto& x) {
             return pad(x[0] * x[0], {{1, 0}, {2, 1}}, 0.5);
         },
         {{{2, 3}}}},
        {"pad by reflection",
         [](auto& x) {
             return pad(x[0] * x[0], {{1, 0}, {2, 5}}, PadMode::reflect);
         },
         {{{2, 3}}},
         -2,
         2,
         0,
         true,
         false},
        {"pad by repetition",
         [](auto& x) {
             return pad(x[0], {{1, 0}, {2, 1}}, PadMode::wrap) * pad(x[0], {{1, 0}, {2, 1}}, PadMode::edge) *
                    pad(x[0], {{1, 0}, {2, 1}}, PadMode::symmetric);
         },
         {{{2, 3}}},
         -2,
         2,
         0,
         true,
         false},
        {"diagonal", [](auto& x) { return diagonal(x[0] * x[0], 1); }, {{{2, 3}}, {{3, 2}}, {{3, 3, 2}}}},
        {"diagonal of other axes", [](auto& x) { return diagonal(x[0] * x[0], -1, -1, 0); }, {{{2, 2, 3}}}},
        {"trace", [](auto& x) { return trace(x[0] * x[0]); }, {{{2, 3}}, {{3, 3, 2}}}},
        {"diag", [](auto& x) { return diag(x[0] * x[0], -1); }, {{{3}}, {{3, 2}}}},
        {"tril", [](auto& x) { return tril(x[0] * x[0], -1); }, one},
        {"triu", [](auto& x) { return triu(x[0] * x[0], 1); }, one},
    };
    return rows;
}

}  // namespace xg::test
