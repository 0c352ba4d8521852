#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& linear_algebra_rows() {
    static const std::vector<GradientRow> rows{
        {"matmul", [](auto& x) { return matmul(x[0], x[1]); }, {{{2, 3}, {3, 4}}, {{1, 3}, {3, 1}}}},
        {"matmul a^T b", [](auto& x) { return matmul(x[0], x[1], {.transpose_a = true}); }, {{{3, 2}, {3, 4}}}},
        {"matmul a b^T", [](auto& x) { return matmul(x[0], x[1], {.transpose_b = true}); }, {{{2, 3}, {4, 3}}}},
        {"matmul a^T b^T",
         [](auto& x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); },
         {{{3, 2}, {4, 3}}}},
        {"matmul in stacks",
         [](auto& x) { return matmul(x[0], x[1]); },
         {{{2, 1, 2, 3}, {3, 3, 2}}, {{2, 2, 3}, {3, 2}}, {{2, 3}, {2, 3, 2}}},
         -2,
         2,
         0,
         false},
        {"matmul in stacks, transposed",
         [](auto& x) { return matmul(x[0], x[1], {.transpose_a = true, .transpose_b = true}); },
         {{{2, 3, 2}, {2, 4, 3}}},
         -2,
         2,
         0,
         false},
        {"matmul of vectors",
         [](auto& x) { return matmul(x[0], x[1]); },
         {{{3}, {3}}, {{2, 3}, {3}}, {{3}, {3, 2}}, {{2, 2, 3}, {3}}}},
        {"outer", [](auto& x) { return outer(x[0], x[1]); }, {{{2}, {2}}, {{2, 2}, {3}}}, -2, 2, 0, true, false},
        {"tensordot", [](auto& x) { return tensordot(x[0], x[1]); }, {{{2, 3, 4}, {3, 4, 2}}, {{2, 3}, {2, 3}}}},
        {"tensordot over axes",
         [](auto& x) {
             return tensordot(x[0], x[1], {-1, 0}, {0, 2});
         },
         {{{2, 4, 3}, {3, 2, 2}}}},
        {"einsum", [](auto& x) { return einsum("ij,jk->ik", x[0], x[1]); }, {{{2, 3}, {3, 2}}}},
        {"einsum of a diagonal", [](auto& x) { return einsum("iji->j", x[0]); }, {{{2, 3, 2}}}, -2, 2, 0, true, false},
        {"einsum of stacks that broadcast",
         [](auto& x) { return einsum("...ij,...j", x[0], x[1]); },
         {{{2, 1, 2, 3}, {3, 3}}, {{1, 2}, {2, 2}}},
         -2,
         2,
         0,
         false},
        {"einsum of three",
         [](auto& x) { return einsum("ij,kj,kl->li", x[0], x[1], x[2]); },
         {{{2, 2}, {2, 2}, {2, 2}}, {{2, 3}, {4, 3}, {4, 2}}}},
    };
    return rows;
}

}  // namespace xg::test
