#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& indexing_rows() {
    static const Tensor picks = tensor<std::int64_t>({2, 0, 2, -1});
    static const std::vector<GradientRow> rows{
        {"take", [](auto& x) { return take(x[0] * x[0], picks); }, {{{3, 2}}, {{4}}}, -2, 2, 0, false, false},
        {"take along an axis",
         [](auto& x) {
             return take(x[0] * x[0], reshape(picks, {2, 2}), 1);
         },
         {{{2, 3, 2}}},
         -2,
         2,
         0,
         false,
         false},
        {"scatter_add",
         [](auto& x) {
             return scatter_add(x[0] * x[0], picks, {3, 2});
         },
         {{{4, 2}}},
         -2,
         2,
         0,
         false,
         false},
        {"take_along_axis",
         [](auto& x) {
             return take_along_axis(x[0] * x[0], tensor<std::int64_t>({{1, 0, 1}, {2, 2, 0}}), 1);
         },
         {{{2, 3}}},
         -2,
         2,
         0,
         false,
         false},
        {"index by slices",
         [](auto& x) { return (x[0] * x[0])(Slice(none, none, -2), newaxis, ellipsis, Slice(1, 3)); },
         {{{3, 2, 3}}},
         -2,
         2,
         0,
         false},
        {"index by a position", [](auto& x) { return (x[0] * x[0])(all, -1); }, {{{3, 2}}}, -2, 2, 0, false, false},
        {"index by tensors",
         [](auto& x) { return (x[0] * x[0])(picks, all, 1); },
         {{{3, 2, 2}}},
         -2,
         2,
         0,
         false,
         false},
        {"index by a mask",
         [](auto& x) {
             return (x[0] * x[0])(tensor<bool>({true, false, true}));
         },
         {{{3, 2}}},
         -2,
         2,
         0,
         false,
         false},
        {"sort", [](auto& x) { return sort(x[0] * x[0], 0); }, {{{3, 2}}, {{4}}}, 0, 2, 0.02, true, false},
        {"quantile", [](auto& x) { return quantile(x[0] * x[0], 0.3, 0); }, {{{3, 2}}, {{4}}}, 0, 2, 0.02, true, false},
        {"median over axes",
         [](auto& x) {
             return median(x[0] * x[0], {0, 2}, {.keepdims = true});
         },
         {{{3, 2, 2}}},
         0,
         2,
         0.02,
         true,
         false},
        {"meshgrid",
         [](auto& x) {
             const auto grid = meshgrid({x[0] * x[0], x[1]});
             return grid[0] * grid[1];
         },
         {{{3}, {2}}}},
        {"topk", [](auto& x) { return topk(x[0] * x[0], 1).values; }, {{{3, 2}}}, 0, 2, 0.02, true, false},
    };
    return rows;
}

}  // namespace xg::test
