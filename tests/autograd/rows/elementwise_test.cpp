#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& elementwise_rows() {
    static const std::vector<Shapes> one{{{2, 3}}, {{}}};
    static const std::vector<GradientRow> rows{
        {"exp", [](auto& x) { return exp(x[0]); }, one},
        {"log", [](auto& x) { return log(x[0]); }, one, 0.2, 3},
        {"sqrt", [](auto& x) { return sqrt(x[0]); }, one, 0.2, 3},
        {"tanh", [](auto& x) { return tanh(x[0]); }, one},
        {"sigmoid", [](auto& x) { return sigmoid(x[0]); }, one},
        {"abs", [](auto& x) { return abs(x[0]); }, one, -2, 2, 0.05},
        {"relu", [](auto& x) { return relu(x[0]); }, one, -2, 2, 0.05},
    };
    return rows;
}

}  // namespace xg::test
