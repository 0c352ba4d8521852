// Gradients that an elementwise rule adds to what has arrived already, or works out for many directions at once.
#include <thread>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max(abs(a - b)).item();
}
constexpr auto curve = [](auto u, auto v) { return exp(u) * v + u * u; };

/// A Jacobian, one pass a row.
Tensor by_rows(const Tensor& y, const Tensor& x) {
    Tensors rows;
    const Tensor flat = reshape(y, {-1});
    for (std::int64_t i = 0; i < flat.numel(); ++i)
        rows.push_back(grad(flat[i], x, {.retain_graph = true, .unused = Unused::zeros}));
    Shape shape = y.shape();
    for (auto extent : x.shape()) shape.push_back(extent);
    return reshape(stack(rows), shape);
}
}  // namespace

TEST_CASE("gradients are added in place row by row, and nothing past a row's end", "[accumulation]") {
    for (std::int64_t columns : {1, 3, 8, 13, 64, 70}) {
        const Tensor leaf = randn({5, columns}, f64).require_grad(), b = randn({columns}, f64), c = randn({5, 1}, f64),
                     d = randn({5, columns}, f64);
        const Tensor a = 2 * leaf;  // no leaf itself: its gradient grows
        const Tensor y = sum(a * b + a * c + a * d + a * a);
        CHECK(apart(grad(y, leaf), 2 * (b + c + d + 2 * a)) < 1e-13);
    }
}
TEST_CASE("a gradient that somebody else holds is not added to", "[accumulation]") {
    const Tensor x = tensor<double>({1, 2, 3}).require_grad(), a = x * 1;
    Tensor seen;
    const Tensor passed = a + 0, y = sum(passed + a * a);
    const Hook keep = on_gradient(passed, [&](const Tensor& dy) {
        seen = dy;
        return Tensor();
    });
    CHECK(apart(grad(y, x), 1 + 2 * x) == 0);
    CHECK(apart(seen, ones({3}, f64)) == 0);
}
TEST_CASE("a Jacobian's rows at once are what they are one by one", "[accumulation][vmap]") {
    for (std::int64_t n : {1, 3, 8, 13, 300}) {
        const Tensor x = randn({n}, f64).require_grad(), w = randn({n}, f64), v = randn({1, n}, f64),
                     s = full({}, 0.7, f64);
        for (const auto& f : std::vector<std::function<Tensor(const Tensor&)>>{
                 [&](const Tensor& u) { return tanh(u) * u / (2 + u * u); },
                 [&](const Tensor& u) { return map(curve, u, w) + map(curve, w, u); },
                 [&](const Tensor& u) { return exp(u * v) - u; },
                 [&](const Tensor& u) { return sqrt(1 + u * s * u) * sum(u * u); },
                 [&](const Tensor& u) { return expand_dims(u, 1) * w(Slice(0, 1)) + u(Slice(0, 1)); }}) {
            const Tensor y = f(x);
            CHECK(apart(jacobian(f, x), by_rows(y, x)) < 1e-12);
        }
    }
    const auto energy = [](const Tensor& u) { return sum(exp(u) * u); };
    const Tensor x = randn({6, 3}, f64), curved = vmap([&](const Tensor&u) { return hessian(energy, u); }, x);
    for (std::int64_t i = 0; i < 6; ++i) CHECK(apart(curved[i], diag((2 + x[i]) * exp(x[i]))) < 1e-14);
}
TEST_CASE("a product of one matrix and a stack is each one's", "[accumulation][vmap]") {
    const Tensor a = randn({4, 3}, f64).require_grad(), b = randn({2, 5, 3, 6}, f64).require_grad(),
                 dy = randn({2, 5, 4, 6}, f64);
    const Tensor y = matmul(a, b);
    auto [da, db] = grad(sum(y * dy), {a, b});
    Tensor expected = zeros({4, 3}, f64);
    for (std::int64_t i = 0; i < 2; ++i)
        for (std::int64_t j = 0; j < 5; ++j) {
            CHECK(apart(y[i][j], matmul(a, b[i][j])) < 1e-14);
            CHECK(apart(db[i][j], matmul(transpose(a), dy[i][j])) < 1e-14);
            expected = expected + matmul(dy[i][j], transpose(b[i][j]));
        }
    CHECK(apart(da, expected) < 1e-13);
    CHECK(apart(matmul(b, a, {.transpose_a = true, .transpose_b = true})[1][2],
                matmul(transpose(b[1][2]), transpose(a))) < 1e-14);
}
TEST_CASE("a small tensor and its values may end in any order, on any thread", "[pool]") {
    const auto before = memory_stats();
    {
        Tensor view, moved;
        {
            const Tensor small = arange(0, 12).to(f64);
            view = small.window({3}, 4);
            moved = randn({4}, f64);
            moved.impl()->storage = small.impl()->storage, moved.impl()->data = small.impl()->data;
        }
        CHECK(apart(view, tensor<double>({4, 5, 6})) == 0);
        CHECK(moved(3).item() == 3);
        std::thread([mine = std::move(view), other = std::move(moved)]() mutable {
            mine = Tensor();
            other = Tensor();
        }).join();
        zeros({1});  // takes back what ended elsewhere
    }
    const auto after = memory_stats();
    CHECK(after.tensors == before.tensors);
    CHECK(after.live_bytes == before.live_bytes);
}
