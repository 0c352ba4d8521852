// One operation must be what its parts are: values and gradients against matmul, + and the activation.
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
using Activation = Tensor (*)(const Tensor&);
struct Row {
    Epilogue fused;
    Activation alone;
};
const Row rows[] = {
    {Epilogue::identity, linear}, {Epilogue::relu, relu}, {Epilogue::sigmoid, sigmoid}, {Epilogue::tanh, tanh}};

double apart(const Tensor& a, const Tensor& b) { return a.numel() ? max(abs(a - b)).item() : 0.0; }
}  // namespace

TEST_CASE("affine is the product, the bias and the activation, forward and backward", "[affine]") {
    for (const Row& row : rows)
        for (const DType dtype : {f32, f64})
            // Whole vectors, parts of them, many rows, one, and none.
            for (const auto& [n, features, units] :
                 {std::array{5, 7, 32}, {130, 33, 10}, {1, 1, 1}, {300, 70, 129}, {0, 3, 2}}) {
                INFO("(" << n << ", " << features << ") to " << units << ", activation " << int(row.fused));
                const Tensor x = normal(RandomKey{1, 1}, {n, features}, 0, 1, dtype).require_grad(),
                             kernel = normal(RandomKey{1, 2}, {features, units}, 0, 0.2, dtype).require_grad(),
                             bias = normal(RandomKey{1, 3}, {units}, 0, 1, dtype).require_grad(),
                             weight = normal(RandomKey{1, 4}, {n, units}, 0, 1, dtype);
                const double close = dtype == f32 ? 2e-4 : 1e-12;
                const Tensor y = affine(x, kernel, bias, row.fused), parts = row.alone(matmul(x, kernel) + bias);
                CHECK(apart(y, parts) <= close);
                const auto ours = grad(sum(y * weight), {x, kernel, bias}),
                           theirs = grad(sum(parts * weight), {x, kernel, bias});
                for (std::size_t i = 0; i < 3; ++i) CHECK(apart(ours[i], theirs[i]) <= close * std::max(1, n / 16));
            }
}
TEST_CASE("affine has the same bits with any number of threads", "[affine]") {
    const Tensor x = normal(RandomKey{1, 1}, {500, 300}).require_grad(),
                 kernel = normal(RandomKey{1, 2}, {300, 200}).require_grad(),
                 bias = normal(RandomKey{1, 3}, {200}).require_grad();
    const int before = num_threads();
    std::vector<std::array<Tensor, 4>> results;
    for (const int n : {1, 2, 3}) {
        set_num_threads(n);
        const Tensor y = affine(x, kernel, bias, Epilogue::tanh);
        const auto [dx, dkernel, dbias] = grad(sum(y * y), {x, kernel, bias});
        results.push_back({dx, dkernel, dbias, y});
    }
    set_num_threads(before);
    for (const auto& other : results)
        for (std::size_t i = 0; i < other.size(); ++i) CHECK(every(other[i] == results[0][i]).item<bool>());
}
TEST_CASE("affine keeps gradients that others still need", "[affine]") {
    // The two outputs share one gradient: neither may be written over.
    const Tensor x = ones({2, 16}).require_grad(), kernel = 0.01 * ones({16, 16}), bias = ones({16}).require_grad();
    const Tensor a = affine(x, kernel, bias, Epilogue::tanh), b = affine(x, kernel, bias, Epilogue::sigmoid);
    const auto both = grad(sum(a + b), {x, bias});
    const Tensor c = tanh(matmul(x, kernel) + bias), d = sigmoid(matmul(x, kernel) + bias);
    const auto parts = grad(sum(c + d), {x, bias});
    for (std::size_t i = 0; i < 2; ++i) CHECK(apart(both[i], parts[i]) < 1e-5);
}
TEST_CASE("affine names the shapes it refuses", "[affine]") {
    CHECK_THROWS_WITH(affine(ones({2, 3}), ones({4, 5}), {}),
                      "affine: expected x (..., features) and kernel (features, units), got (2, 3) and (4, 5)");
    CHECK_THROWS_WITH(affine(ones({2, 3}), ones({3, 5}), ones({4})), "affine: expected bias (5,), got (4,)");
}
