// Fused operations against the compositions that they stand for, on sizes around their blocks and vectors, and against
// themselves on several threads.
#include <cmath>
#include "../../tensor/parallel.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// The largest difference, relative to the largest entry.
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(abs(a.to(f64) - b.to(f64))).item() / (1 + max(abs(b.to(f64))).item()) : 0;
}
/// The value, and the gradients of sum(y dy): fused, or through the composition that a recorded gradient takes.
Tensors with_gradients(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs, bool composed) {
    Tensors xs;
    for (const Tensor& x : inputs) xs.push_back(x.detach().require_grad());
    const Tensor y = f(xs), dy = uniform(RandomKey{9, 1}, y.shape(), -1, 1, y.dtype());
    Tensors all{y.detach()};
    for (const Tensor& dx : grad(sum(y * dy), xs, {.create_graph = composed})) all.push_back(dx.detach());
    return all;
}
void check_fused(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs, double tolerance) {
    const Tensors fused = with_gradients(f, inputs, false), composed = with_gradients(f, inputs, true);
    for (std::size_t i = 0; i < fused.size(); ++i) {
        INFO("value or gradient " << i << " of inputs " << fmt::format("{}", inputs[0].shape()));
        CHECK(apart(fused[i], composed[i]) < tolerance);
    }
}
void check_threads(const std::function<Tensor(const Tensors&)>& f, const Tensors& inputs) {
    set_num_threads(1);
    const Tensors alone = with_gradients(f, inputs, false);
    for (const int threads : {2, 4}) {
        set_num_threads(threads);
        const Tensors shared = with_gradients(f, inputs, false);
        for (std::size_t i = 0; i < alone.size(); ++i) CHECK(array_equal(shared[i], alone[i]));
    }
    set_num_threads(0);
}
Tensors draws(const std::vector<Shape>& shapes, DType dtype) {
    Tensors all;
    for (const Shape& shape : shapes) all.push_back(normal(RandomKey{4, all.size()}, shape, 0.3, 1, dtype));
    return all;
}
double tolerance_of(DType dtype) { return dtype == f64 ? 1e-12 : 2e-5; }

struct AttentionCase {
    Shape query, key, value;
    ScaledDotProductOptions options;
};
Tensor random_mask(const Shape& shape) { return bernoulli(RandomKey{5, 6}, shape, 0.6); }
std::vector<AttentionCase> attention_cases() {
    return {{{2, 3, 5, 4}, {2, 3, 7, 4}, {2, 3, 7, 3}, {}},
            {{1, 2, 33, 16}, {1, 2, 33, 16}, {1, 2, 33, 16}, {.causal = true}},
            {{1, 1, 70, 5}, {1, 1, 600, 5}, {1, 1, 600, 8}, {.scale = 0.9}},  // several chunks of keys
            {{1, 2, 600, 3}, {1, 2, 600, 3}, {1, 2, 600, 3}, {.causal = true, .scale = 2}},
            {{1, 2, 300, 4}, {1, 2, 520, 4}, {1, 2, 520, 2}, {.window = 100}},
            {{2, 2, 40, 4}, {2, 2, 65, 4}, {2, 2, 65, 4}, {.mask = random_mask({2, 1, 40, 65})}},
            {{2, 2, 9, 4}, {2, 2, 65, 4}, {2, 2, 65, 4}, {.causal = true, .mask = random_mask({2, 1, 1, 65})}},
            {{2, 2, 9, 4}, {2, 2, 65, 4}, {2, 2, 65, 4}, {.mask = random_mask({9, 1})}},
            {{2, 9, 6, 4}, {2, 11, 2, 4}, {2, 11, 2, 3}, {.causal = true, .heads_first = false}},
            {{1, 4, 40, 8}, {1, 2, 300, 8}, {1, 2, 300, 8}, {.dropout = 0.3, .key = RandomKey{1, 2}}}};
}
Tensor attend(const Tensors& x, const ScaledDotProductOptions& o) {
    return scaled_dot_product_attention(x[0], x[1], x[2], o);
}
}  // namespace

TEST_CASE("attention in tiles is attention", "[fused]") {
    for (const DType dtype : {f32, f64})
        for (const AttentionCase& c : attention_cases()) {
            const Tensors x = draws({c.query, c.key, c.value}, dtype);
            check_fused([&](const Tensors& in) { return attend(in, c.options); }, x, tolerance_of(dtype));
            const Tensor whole = attention_with_weights(x[0], x[1], x[2], c.options).y;
            CHECK(apart(attend(x, c.options), whole) < tolerance_of(dtype));
        }
}
TEST_CASE("attention has the same bits on any number of threads", "[fused]") {
    for (const AttentionCase& c : attention_cases())
        check_threads([&](const Tensors& in) { return attend(in, c.options); }, draws({c.query, c.key, c.value}, f32));
    check_threads([](const Tensors& in) { return attend(in, {.causal = true}); },
                  draws({{4, 4, 128, 32}, {4, 4, 128, 32}, {4, 4, 128, 32}}, f32));
}
TEST_CASE("attention's memory does not grow with the product of the steps", "[fused]") {
    const Tensors x = draws({{1, 1, 4096, 8}, {1, 1, 4096, 8}, {1, 1, 4096, 8}}, f32);
    empty_cache();
    set_memory_limit(memory_stats().system_bytes + 4096 * 4096);  // a byte a pair would be more
    CHECK_NOTHROW(with_gradients([](const Tensors& in) { return attend(in, {.causal = true}); }, x, false));
    set_memory_limit(0);
}
TEST_CASE("a large score outweighs all others, whatever its size", "[fused]") {
    for (const double size : {1e3, 1e30}) {
        const Tensor q = full({1, 1, 1, 1}, size), k = tensor({{{{-1.f}, {1.f}, {0.5f}}}}),
                     v = tensor({{{{3.f}, {7.f}, {5.f}}}});
        CHECK(scaled_dot_product_attention(q, k, v).item() == 7);
    }
}
TEST_CASE("dropout of attention keeps the expected share and scales what it keeps", "[fused]") {
    const Tensor zero = zeros({1, 8, 64, 1}), v = ones({1, 8, 64, 1});
    const Tensor y = scaled_dot_product_attention(zero, zero, v, {.dropout = 0.25, .key = RandomKey{7, 8}});
    CHECK(mean(y).item() == Approx(1).margin(5 * std::sqrt(0.25 / 0.75 / (8 * 64 * 64))));
    const Tensor nothing = scaled_dot_product_attention(zero, zero, v, {.dropout = 1});
    CHECK(max(abs(nothing)).item() == 0);
}

TEST_CASE("normalization in one pass is normalization", "[fused]") {
    for (const DType dtype : {f32, f64})
        for (const std::int64_t rows : {1, 3, 200})
            for (const std::int64_t n : {1, 2, 3, 8, 15, 16, 17, 64, 100}) {
                const Tensors x = draws({{rows, n}, {n}, {n}}, dtype);
                const double tolerance = tolerance_of(dtype);
                check_fused([](const Tensors& in) { return layer_norm(in[0], in[1], in[2], {.epsilon = 0.01}); }, x,
                            tolerance);
                check_fused([](const Tensors& in) { return layer_norm(in[0], in[1]); }, {x[0], x[1]}, 10 * tolerance);
                check_fused([](const Tensors& in) { return rms_norm(in[0], in[1]); }, {x[0], x[1]}, tolerance);
                check_fused([](const Tensors& in) { return batch_norm(in[0], in[1], in[2], {.epsilon = 0.01}).y; }, x,
                            tolerance);
            }
}
TEST_CASE("normalization has the same bits on any number of threads", "[fused]") {
    const Tensors x = draws({{5000, 37}, {37}, {37}}, f32);
    check_threads([](const Tensors& in) { return layer_norm(in[0], in[1], in[2]); }, x);
    check_threads([](const Tensors& in) { return batch_norm(in[0], in[1], in[2]).y; }, x);
    check_threads([](const Tensors& in) { return rms_norm(in[0], in[1]); }, {x[0], x[1]});
}
TEST_CASE("variances are right far from 0", "[fused]") {
    const Tensor x = 1e4 + arange(0, 4096, 1, f32).window({1024, 4}, 0) / 4096;
    const auto [y, m, v] = batch_norm(x);
    const Tensor wide = x.to(f64);
    CHECK(apart(m, mean(wide, 0)) < 1e-6);
    CHECK(max(abs(v.to(f64) - var(wide, 0)) / var(wide, 0)).item() < 1e-3);
}
