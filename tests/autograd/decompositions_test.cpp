#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
double apart(const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); }
}  // namespace

TEST_CASE("decompositions give the matrix back", "[decompositions]") {
    const Tensor x = normal(RandomKey{3, 1}, {4, 5, 5}, 0, 1, f64),
                 tall = normal(RandomKey{3, 2}, {2, 6, 3}, 0, 1, f64);
    const Tensor one = broadcast_to(eye(5, -1, f64), x.shape());
    CHECK(apart(matmul(x, inv(x)), one) < 1e-12);
    CHECK(apart(matmul(x, solve(x, one)), one) < 1e-12);
    const Tensor spd = matmul(x, x, {.transpose_b = true});
    const Tensor l = cholesky(spd);
    CHECK(apart(matmul(l, l, {.transpose_b = true}), spd) < 1e-12);
    CHECK(array_equal(l, tril(l)));
    const auto [w, v] = eigh(spd);
    CHECK(apart(matmul(v * expand_dims(w, -2), v, {.transpose_b = true}), spd) < 1e-12);
    CHECK(all(w(all, Slice(1)) >= w(all, Slice(0, -1))).item<bool>());
    for (const Tensor& m : {tall, x, swapaxes(tall, 1, 2)}) {
        const auto [q, r] = qr(m);
        CHECK(apart(matmul(q, r), m) < 1e-13);
        CHECK(array_equal(r, triu(r)));
        CHECK(all(diagonal(r, 0, 1, 2) >= 0).item<bool>());
        const auto [u, s, vt] = svd(m);
        CHECK(apart(matmul(u * expand_dims(s, -2), vt), m) < 1e-13);
    }
    const auto [sign, logdet] = slogdet(x);
    CHECK(apart(sign * exp(logdet), det(x)) < 1e-12);
    const auto [zero, infinite] = slogdet(zeros({2, 2}));
    CHECK((zero.item() == 0 && infinite.item() == -INFINITY));
    CHECK(apart(inv(x.to(f32)), inv(x).to(f32)) < 1e-3);
    CHECK(inv(x.to(f32)).dtype() == f32);
}
TEST_CASE("a determinant's gradient is the cofactors, of a singular matrix, too", "[decompositions]") {
    const std::pair<Tensor, Tensor> table[] = {
        {tensor<double>({{1, 2}, {2, 4}}), tensor<double>({{4, -2}, {-2, 1}})},
        {tensor<double>({{1, 2}, {3, 6}}), tensor<double>({{6, -3}, {-2, 1}})},
        {tensor<double>({{1, 2}, {-3, -6}}), tensor<double>({{-6, 3}, {-2, 1}})},
        {tensor<double>({{0, 1}, {2, 3}}), tensor<double>({{3, -2}, {-1, 0}})},  // det -2
        {tensor<double>({{0, 1}, {-2, 3}}), tensor<double>({{3, 2}, {-1, 0}})},
    };
    for (const auto& [matrix, cofactors] : table) {
        const Tensor a = matrix.copy().require_grad();
        CHECK(apart(grad(det(a), a), cofactors) < 1e-14);
    }
    const Tensor b = zeros({3, 3}, f64).require_grad();
    CHECK(apart(grad(det(b), b), zeros({3, 3}, f64)) == 0);
}
TEST_CASE("equal eigenvalues have a gradient, their vectors have none", "[decompositions]") {
    const Tensor one = eye(3, -1, f64).require_grad();
    CHECK(apart(grad(sum(eigvalsh(one)), one), eye(3, -1, f64)) < 1e-15);
    CHECK(apart(grad(sum(svdvals(one)), one), eye(3, -1, f64)) < 1e-15);
    const Tensor weights = arange(0, 9, 1, f64).window({3, 3}, 0);
    CHECK_FALSE(all(isfinite(grad(sum(eigh(one).vectors * weights), one))).item<bool>());
}
