#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& loss_rows() {
    static const std::vector<GradientRow> rows{
        {"sparse_cross_entropy",
         [](auto& x) {
             return sparse_cross_entropy(x[0], tensor<std::int64_t>({2, 0}));
         },
         {{{2, 3}}},
         -2,
         2,
         0,
         false,
         false},
        {"ctc_loss",
         [](auto& x) {
             return ctc_loss(x[0], tensor<std::int64_t>({{1, 1, 2}, {2, 0, 0}}));
         },
         {{{2, 5, 3}}},
         -2,
         2,
         0,
         false,
         false},
        {"sigmoid_cross_entropy", [](auto& x) { return sigmoid_cross_entropy(x[0], x[1]); }, {{{2, 3}, {2, 3}}}},
        {"dropout",
         [](auto& x) {
             return dropout(x[0] * x[0], 0.4, {1, 2});
         },
         {{{2, 3}}}},
    };
    return rows;
}

}  // namespace xg::test
