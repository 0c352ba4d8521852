#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& attention_rows() {
    static const Shapes same{{1, 2, 3, 2}, {1, 2, 3, 2}, {1, 2, 3, 2}};
    static const std::vector<GradientRow> rows{
        {"scaled_dot_product_attention",
         [](auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2]); },
         {same, {{2, 1, 2, 3}, {2, 1, 4, 3}, {2, 1, 4, 1}}}},
        {"scaled_dot_product_attention, causal",
         [](auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {.causal = true, .scale = 0.7}); },
         {same}},
        {"scaled_dot_product_attention, masked",
         [](auto& x) {
             return scaled_dot_product_attention(
                 x[0], x[1], x[2],
                 {.mask = tensor<bool>({{true, false, true}, {false, false, false}, {true, true, true}})});
         },
         {same},
         -2,
         2,
         0,
         false,
         false},
        {"scaled_dot_product_attention in a window",
         [](auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {.window = 2}); },
         {same}},
        {"scaled_dot_product_attention with shared heads, heads behind steps",
         [](auto& x) { return scaled_dot_product_attention(x[0], x[1], x[2], {.heads_first = false}); },
         {{{1, 2, 4, 2}, {1, 3, 2, 2}, {1, 3, 2, 2}}},
         -2,
         2,
         0,
         false},
        {"scaled_dot_product_attention with dropout",
         [](auto& x) {
             return scaled_dot_product_attention(x[0], x[1], x[2], {.dropout = 0.4, .key = RandomKey{3, 4}});
         },
         {same},
         -2,
         2,
         0,
         false,
         false},
        {"attention_with_weights",
         [](auto& x) {
             const auto [y, weights] = attention_with_weights(x[0], x[1], x[2], {.causal = true});
             return y * sum(weights * weights);
         },
         {same}},
    };
    return rows;
}

}  // namespace xg::test
