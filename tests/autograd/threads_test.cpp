#include <stdexcept>
#include <thread>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// Runs f(0), ..., f(n - 1) on threads of their own, all begun at once.
template <class F> void on_threads(int n, const F& f) {
    std::vector<std::thread> threads;
    for (int i = 0; i < n; ++i) threads.emplace_back([&f, i] { f(i); });
    for (auto& t : threads) t.join();
}
}  // namespace

TEST_CASE("threads differentiate their own graphs over shared parameters at once", "[threads]") {
    const int threads = 4, rounds = 50;
    const Tensor w = tensor<double>({{0.5, -1}, {2, 0.25}}).require_grad(), b = tensor<double>({1, -1}).require_grad();
    const Tensor x = tensor<double>({{1, 2}, {-1, 0.5}});
    const auto cost = [&] { return sum(square(matmul(x, w) + b) + w[0] * w[1]); };
    const auto [dw, db] = grad(cost(), {w, b});
    SECTION("functionally: no gradient of a leaf is touched") {
        std::vector<Tensors> found(threads);
        on_threads(threads, [&](int i) {
            for (int r = 0; r < rounds; ++r) found[std::size_t(i)] = grad(cost(), Tensors{w, b});
        });
        for (auto& g : found) CHECK((array_equal(g[0], dw) && array_equal(g[1], db)));
        CHECK(!w.grad().defined());
    }
    SECTION("by backward: their gradients add up") {
        on_threads(threads, [&](int) {
            for (int r = 0; r < rounds; ++r) cost().backward();
        });
        CHECK(array_equal(w.grad(), dw * (threads * rounds)));  // multiples of 1/16: no sum is rounded
        CHECK(array_equal(b.grad(), db * (threads * rounds)));
    }
    SECTION("with a hook on a shared parameter") {
        const Hook twice = on_gradient(w, [](const Tensor& g) { return g * 2; });
        on_threads(threads, [&](int) {
            for (int r = 0; r < rounds; ++r) cost().backward();
        });
        CHECK(array_equal(w.grad(), dw * (2 * threads * rounds)));
    }
    SECTION("second order") {
        const auto norm_of_gradient = [&] {
            const auto [g] = grad(cost(), {w}, {.create_graph = true});
            return grad(sum(g * g), w);
        };
        const Tensor alone = norm_of_gradient();
        std::vector<Tensor> found(threads);
        on_threads(threads, [&](int i) { found[std::size_t(i)] = norm_of_gradient(); });
        for (auto& g : found) CHECK(array_equal(g, alone));
    }
}

TEST_CASE("a rule that throws on one thread disturbs no other, and leaves nothing behind", "[threads]") {
    const Tensor w = ones({3}, f64).require_grad();
    const auto failing = [&] {
        return sum(record(
            "failing", [&] { return w * 2; },
            wrt(w, [](const Tensor&) -> Tensor { throw std::runtime_error("no gradient"); })));
    };
    const auto before = memory_stats().nodes;
    on_threads(4, [&](int i) {
        for (int r = 0; r < 50; ++r) {
            if (i % 2) {
                try {
                    failing().backward();
                } catch (const std::runtime_error&) {}
            } else {
                sum(w * 2).backward();
            }
        }
    });
    CHECK(array_equal(w.grad(), full({3}, 200, f64)));
    CHECK(memory_stats().nodes == before);
}

TEST_CASE("a graph made on one thread is differentiated on another and dropped on a third", "[threads]") {
    const Tensor w = ones({3}, f64).require_grad();
    for (int r = 0; r < 20; ++r) {
        Tensor y;
        std::thread([&] { y = sum(tanh(w) * w); }).join();
        std::thread([&] { y.backward(); }).join();
        std::thread([&] { y = Tensor(); }).join();
    }
    CHECK(w.grad().numel() == 3);
}
