// A new operation, two ways: one lambda, or a value and a rule for each input.
#include <xgrad.h>
#include <cmath>
#include <cstdio>
using namespace xg;

// (a) one generic lambda: SIMD forward, one fused SIMD pass backward, derivatives of any order, no rule to write
Tensor swish(const Tensor& x) {
    return map(
        "swish", [](auto v) { return v / (1 + exp(-v)); }, x);
}
// (b) any computation, with its gradient stated per input in differentiable operations
Tensor scaled_product(const Tensor& a, const Tensor& b, float s) {
    return record(
        "scaled_product", [&] { return s * matmul(a, b); },
        wrt(a, [=](const Tensor& dy) { return s * matmul(dy, b, {.transpose_b = true}); }),
        wrt(b, [=](const Tensor& dy) { return s * matmul(a, dy, {.transpose_a = true}); }));
}

int main() {
    Tensor x = tensor<double>({0.5, -1, 2}).require_grad();
    Tensor d1 = grad(sum(swish(x)), x, {.create_graph = true}), d2 = grad(sum(d1), x);
    const double s = 1 / (1 + std::exp(-0.5)), exact = s + 0.5 * s * (1 - s);
    Tensor a = randn({3, 4}).require_grad(), b = randn({4, 2}).require_grad();
    auto [da, db] = grad(sum(scaled_product(a, b, 2.5f)), {a, b});
    auto [ea, eb] = grad(sum(2.5 * matmul(a, b)), {a, b});
    Tensor second = grad(sum(grad(sum(scaled_product(a, b, 2.5f)), a, {.create_graph = true}) * a), b);
    const double worst = std::fabs(d1.raw<double>()[0] - exact) + std::fabs(sum(abs(da - ea)).item()) +
                         std::fabs(sum(abs(db - eb)).item()) + std::fabs(sum(abs(second - eb)).item());
    std::printf("worst %.1e, second derivative %.4f\n", worst, d2.raw<double>()[0]);
    return worst < 1e-4 ? 0 : 1;
}
