#include "elementwise.h"
#include "../map.h"
#include "arithmetic.h"

namespace xg {

Tensor exp(const Tensor& x) {
    return map(
        "exp", x, [](auto v) { return exp(v); }, rule::exp);
}
Tensor log(const Tensor& x) {
    return map(
        "log", x, [](auto v) { return log(v); }, rule::log);
}
Tensor sqrt(const Tensor& x) {
    return map(
        "sqrt", x, [](auto v) { return sqrt(v); }, rule::sqrt);
}
Tensor tanh(const Tensor& x) {
    return map(
        "tanh", x, [](auto v) { return tanh(v); }, rule::tanh);
}
Tensor sigmoid(const Tensor& x) {
    return map(
        "sigmoid", x, [](auto v) { return sigmoid(v); }, rule::sigmoid);
}
Tensor abs(const Tensor& x) {
    return map(
        "abs", x, [](auto v) { return abs(v); }, rule::abs);
}
Tensor relu(const Tensor& x) {
    return map(
        "relu", x, [](auto v) { return relu(v); }, rule::relu);
}

}  // namespace xg
