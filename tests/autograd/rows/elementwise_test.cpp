#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& elementwise_rows() {
    static const std::vector<Shapes> one{{{2, 3}}, {{}}};
    static const std::vector<GradientRow> rows{
        {"map where a value is in no derivative",
         [](auto& x) { return map([](auto a, auto b) { return a * (1 - b); }, x[0], x[1]); },
         {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}},
        {"exp", [](auto& x) { return exp(x[0]); }, one},
        {"expm1", [](auto& x) { return expm1(x[0]); }, one},
        {"log", [](auto& x) { return log(x[0]); }, one, 0.2, 3},
        {"log1p", [](auto& x) { return log1p(x[0]); }, one, -0.5, 3},
        {"log2", [](auto& x) { return log2(x[0]); }, one, 0.2, 3},
        {"log10", [](auto& x) { return log10(x[0]); }, one, 0.2, 3},
        {"sqrt", [](auto& x) { return sqrt(x[0]); }, one, 0.2, 3},
        {"rsqrt", [](auto& x) { return rsqrt(x[0]); }, one, 0.2, 3},
        {"square", [](auto& x) { return square(x[0]); }, one},
        {"reciprocal", [](auto& x) { return reciprocal(x[0]); }, one, 0.3, 2},
        {"sin", [](auto& x) { return sin(x[0]); }, one},
        {"cos", [](auto& x) { return cos(x[0]); }, one},
        {"tan", [](auto& x) { return tan(x[0]); }, one, -1, 1},
        {"arcsin", [](auto& x) { return arcsin(x[0]); }, one, -0.8, 0.8},
        {"arccos", [](auto& x) { return arccos(x[0]); }, one, -0.8, 0.8},
        {"arctan", [](auto& x) { return arctan(x[0]); }, one},
        {"sinh", [](auto& x) { return sinh(x[0]); }, one},
        {"cosh", [](auto& x) { return cosh(x[0]); }, one},
        {"tanh", [](auto& x) { return tanh(x[0]); }, one},
        {"erf", [](auto& x) { return erf(x[0]); }, one},
        {"abs", [](auto& x) { return abs(x[0]); }, one, -2, 2, 0.05},
        {"sigmoid", [](auto& x) { return sigmoid(x[0]); }, one},
        {"softplus", [](auto& x) { return softplus(x[0]); }, one},
        {"pow", [](auto& x) { return pow(x[0], x[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}, 0.3, 2},
        {"pow with a number", [](auto& x) { return pow(x[0], 3) + pow(2, x[0]); }, one},
        {"arctan2", [](auto& x) { return arctan2(x[0], x[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}, 0.3, 2},
        {"hypot", [](auto& x) { return hypot(x[0], x[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}, 0.3, 2, 0.03},
        {"logaddexp", [](auto& x) { return logaddexp(x[0], x[1]); }, {{{2, 3}, {2, 3}}, {{2, 3}, {3}}}, -2, 2, 0.05},
        {"clip", [](auto& x) { return clip(x[0], -0.503, 1.003); }, one, -2, 2, 0.05},
    };
    return rows;
}

}  // namespace xg::test
