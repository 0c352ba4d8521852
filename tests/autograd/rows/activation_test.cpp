#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& activation_rows() {
    static const std::vector<Shapes> one{{{2, 3}}, {{}}};
    static const std::vector<GradientRow> rows{
        {"relu", [](auto& x) { return relu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"relu6", [](auto& x) { return relu6(x[0]); }, one, -3.9, 3.9, 0.037},
        {"elu", [](auto& x) { return elu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"selu", [](auto& x) { return selu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"gelu", [](auto& x) { return gelu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"silu", [](auto& x) { return silu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"mish", [](auto& x) { return mish(x[0]); }, one, -3.9, 3.9, 0.037},
        {"softsign", [](auto& x) { return softsign(x[0]); }, one, -3.9, 3.9, 0.037},
        {"log_sigmoid", [](auto& x) { return log_sigmoid(x[0]); }, one, -3.9, 3.9, 0.037},
        {"exponential", [](auto& x) { return exponential(x[0]); }, one, -3.9, 3.9, 0.037},
        {"hard_sigmoid", [](auto& x) { return hard_sigmoid(x[0]); }, one, -3.9, 3.9, 0.037},
        {"hard_silu", [](auto& x) { return hard_silu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"hard_tanh", [](auto& x) { return hard_tanh(x[0]); }, one, -3.9, 3.9, 0.037},
        {"leaky_relu", [](auto& x) { return leaky_relu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"celu", [](auto& x) { return celu(x[0]); }, one, -3.9, 3.9, 0.037},
        {"tanh_shrink", [](auto& x) { return tanh_shrink(x[0]); }, one, -3.9, 3.9, 0.037},
        {"hard_shrink", [](auto& x) { return hard_shrink(x[0]); }, one, -3.9, 3.9, 0.037},
        {"soft_shrink", [](auto& x) { return soft_shrink(x[0]); }, one, -3.9, 3.9, 0.037},
        {"squareplus", [](auto& x) { return squareplus(x[0]); }, one, -3.9, 3.9, 0.037},
        {"sparse_plus", [](auto& x) { return sparse_plus(x[0]); }, one, -3.9, 3.9, 0.037},
        {"sparse_sigmoid", [](auto& x) { return sparse_sigmoid(x[0]); }, one, -3.9, 3.9, 0.037},
        {"celu with alpha", [](auto& x) { return celu(x[0], {.alpha = 0.7}); }, one, -3.9, 3.9, 0.037},
        {"hard_shrink with threshold", [](auto& x) { return hard_shrink(x[0], {.threshold = 1.01}); }, one, -3.9, 3.9,
         0.037},
        {"soft_shrink with threshold", [](auto& x) { return soft_shrink(x[0], {.threshold = 1.01}); }, one, -3.9, 3.9,
         0.037},
        {"squareplus with b", [](auto& x) { return squareplus(x[0], {.b = 1.5}); }, one, -3.9, 3.9, 0.037},
        {"threshold", [](auto& x) { return threshold(x[0], {.threshold = 0.51, .default_value = -2}); }, one, -3.9, 3.9,
         0.037},
        {"prelu", [](auto& x) { return prelu(x[0], x[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}, -3.9, 3.9, 0.037},
        {"glu", [](auto& x) { return glu(x[0]); }, {{{2, 4}}, {{2, 3, 2}}}, -2, 2, 0, false},
        {"glu along an axis", [](auto& x) { return glu(x[0], 0); }, {{{4, 3}}}, -2, 2, 0, false},
        {"sparsemax", [](auto& x) { return sparsemax(x[0]); }, {{{2, 4}}, {{2, 3, 2}}}, -0.6, 0.6},
        {"sparsemax along an axis", [](auto& x) { return sparsemax(x[0], 0); }, {{{4, 3}}}, -0.6, 0.6},
        {"linear", [](auto& x) { return linear(x[0] * x[0]); }, one},
        {"elu with options", [](auto& x) { return elu(x[0], {.alpha = 0.7}); }, one, -3.9, 3.9, 0.037},
        {"relu with options",
         [](auto& x) { return relu(x[0], {.negative_slope = 0.1, .max_value = 1.503, .threshold = 0.503}); }, one, -2,
         2, 0.05},
        {"softmax", [](auto& x) { return softmax(x[0]); }, {{{2, 3}}, {{2, 3, 2}}}},
        {"softmax along an axis", [](auto& x) { return softmax(x[0], 0); }, {{{2, 3}}}},
        {"log_softmax", [](auto& x) { return log_softmax(x[0], 1); }, {{{2, 3}}, {{2, 3, 2}}}},
    };
    return rows;
}

}  // namespace xg::test
