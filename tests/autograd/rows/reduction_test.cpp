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
        {"prod", [](auto& x) { return prod(x[0], 1); }, one, -2, 2, 0, true, false},
        {"prod with zeros",
         [](auto& x) {
             return prod(x[0] * tensor<double>({1, 0, 0.5}), 0);
         },
         {{{3}}},
         -2,
         2,
         0,
         false,
         false},
        {"max", [](auto& x) { return max(x[0], 1); }, one, -2, 2, 0.02, true, false},
        {"min", [](auto& x) { return min(x[0]); }, one, -2, 2, 0.02, true, false},
        {"var", [](auto& x) { return var(x[0], 1); }, one},
        {"var corrected", [](auto& x) { return var(x[0], 0, {.correction = 1, .keepdims = true}); }, one, -2, 2, 0,
         false, false},
        {"stddev", [](auto& x) { return stddev(x[0], 1); }, one, -2, 2, 0, false},
        {"norm",
         [](auto& x) {
             return norm(x[0], {0, 1});
         },
         one},
        {"logsumexp",
         [](auto& x) {
             return logsumexp(x[0], {0, 1});
         },
         one},
        {"logsumexp keepdims", [](auto& x) { return logsumexp(x[0], 0, {.keepdims = true}); }, one, -2, 2, 0, true,
         false},
        {"cumprod", [](auto& x) { return cumprod(x[0], 1); }, one},
        {"cumprod with zeros",
         [](auto& x) {
             return cumprod(x[0] * tensor<double>({1, 0, 0.5, 0, 2}));
         },
         {{{5}}},
         -2,
         2,
         0,
         false,
         false},
        {"cumsum", [](auto& x) { return cumsum(x[0] * x[0], 1); }, one},
    };
    return rows;
}

}  // namespace xg::test
