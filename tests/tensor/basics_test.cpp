#include <thread>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("types meet as the table says", "[dtype]") {
    struct Row {
        DType a, b, sum, quotient;
    };
    const auto row = GENERATE(values<Row>({{f32, f32, f32, f32},
                                           {f32, f64, f64, f64},
                                           {i64, f32, f32, f32},
                                           {i32, f64, f64, f64},
                                           {u8, i32, i32, f32},
                                           {i32, i64, i64, f32},
                                           {boolean, f32, f32, f32},
                                           {boolean, u8, u8, f32},
                                           {boolean, boolean, i64, f32}}));
    const Tensor a = ones({2}, row.a), b = ones({2}, row.b);
    CHECK(name_of((a + b).dtype()) == std::string(name_of(row.sum)));
    CHECK(name_of((b * a).dtype()) == std::string(name_of(row.sum)));
    CHECK(name_of((a / b).dtype()) == std::string(name_of(row.quotient)));
    CHECK((a < b).dtype() == boolean);
}

TEST_CASE("a number takes the tensor's type", "[dtype]") {
    CHECK((ones({1}) * 0.1).dtype() == f32);
    CHECK((2 - ones({1}, f64)).dtype() == f64);
    CHECK((ones({1}, i32) + 1).dtype() == i32);
    CHECK((ones({1}, u8) * 0.5).dtype() == f32);
    CHECK((ones({1}, boolean) + 1).dtype() == i64);
    CHECK(mean(arange(3)).dtype() == f32);
    CHECK(sum(ones({3}, boolean)).dtype() == i64);
    CHECK(exp(arange(3)).dtype() == f32);
    const std::int64_t big = (std::int64_t(1) << 53) + 1;
    CHECK((full({1}, big, i64) + 1)(0).item<std::int64_t>() == big + 1);
    CHECK(full({1}, big, i64)(0).item<std::int64_t>() == big);
    CHECK_THROWS_WITH(dtype_from("float16"),
                      "dtype: expected one of float32, float64, int32, int64, uint8, bool, got float16");
}

TEST_CASE("shapes refuse what is none", "[shape]") {
    CHECK_THROWS_WITH(zeros({2, -1}), "empty: expected extents >= 0, got shape (2, -1)");
    CHECK_THROWS_WITH(zeros({1ll << 40, 1ll << 40}),
                      "empty: expected a size below 2^60 elements, got shape (1099511627776, 1099511627776)");
    CHECK_THROWS_WITH(zeros({1, 1, 1, 1, 1, 1, 1, 1, 1}), "shape: expected at most 8 axes, got more");
    CHECK_THROWS_WITH(zeros({2, 3}) + zeros({2}), "add: expected shapes that broadcast, got (2, 3) and (2,)");
    CHECK_THROWS_WITH(sum(zeros({2}), 1), "sum: expected an axis in [-1, 1), got 1");
    CHECK_THROWS_WITH(sum(zeros({2, 2}), {0, -2}), "sum: expected different axes, got -2 twice");
    CHECK_THROWS_WITH(zeros({2}).item(), "item: expected one element, got shape (2,)");
    const Tensor one = zeros({2});
    CHECK_THROWS_WITH(one.data<double>(), "data: expected dtype float64, got float32");
    CHECK_THROWS_WITH(Tensor::of<float>({3}, std::vector<float>{1, 2}),
                      "tensor: expected 3 values for shape (3,), got 2");
    CHECK_THROWS_WITH(tensor({{1, 2}, {3}}), "tensor: expected nested rows of equal length, got 1 after 2");
    CHECK_THROWS_WITH(arange(0, 5, 0), "arange: expected finite ends and a step other than 0, got 0, 5 and 0");
    CHECK_THROWS_WITH(linspace(0, 1, -1), "linspace: expected count >= 0, got -1");
    CHECK_THROWS_WITH(Tensor(zeros({2})).assign(zeros({3})), "assign: expected shape (2,), got (3,)");
    CHECK_THROWS_WITH(reshape(zeros({6}), {4, -1}), "reshape: expected a shape of 6 elements, got (4, -1) from (6,)");
    CHECK_THROWS_WITH(matmul(zeros({2, 3}), zeros({4, 5})),
                      "matmul: expected a.shape[1] == b.shape[0], got a (2, 3) and b (4, 5)");
}

TEST_CASE("empty tensors go through everything", "[shape]") {
    const Tensor none_at_all = zeros({0, 3});
    CHECK(sum(none_at_all).item() == 0);
    CHECK(sum(none_at_all, 0).shape() == Shape{3});
    CHECK(prod(none_at_all).item() == 1);
    CHECK(isnan(mean(none_at_all)).item<bool>());
    CHECK((none_at_all + ones({3})).shape() == Shape{0, 3});
    CHECK(matmul(none_at_all, ones({3, 2})).shape() == Shape{0, 2});
    CHECK(sum(matmul(ones({2, 0}), ones({0, 4}))).item() == 0);
    CHECK(concatenate({none_at_all, ones({1, 3})}).shape() == Shape{1, 3});
    CHECK_THROWS_WITH(max(none_at_all), "max: expected at least one element along the axes, got shape (0, 3)");
}

TEST_CASE("the memory limit is kept, and an error beyond it leaves everything usable", "[pool]") {
    empty_cache();
    const auto before = memory_stats();
    set_memory_limit(before.system_bytes + (8 << 20));
    {
        const Tensor fits = zeros({1 << 20});
        CHECK_THROWS_AS(zeros({16 << 20}), OutOfMemory);
        CHECK_THROWS_WITH(zeros({16 << 20}), ContainsSubstring("memory: expected room for "));
        CHECK(sum(fits).item() == 0);
    }
    set_memory_limit(0);
    CHECK(zeros({4 << 20}).numel() == 4 << 20);
    empty_cache();
    CHECK(memory_stats().tensors == before.tensors);
    CHECK(memory_stats().live_bytes == before.live_bytes);
}

TEST_CASE("tensors made on one thread may end on another", "[ref]") {
    const auto before = memory_stats();
    for (int round = 0; round < 50; ++round) {
        Tensor shared = ones({64}).require_grad();
        std::vector<std::thread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([shared, t] {
                Tensor copy = shared;
                for (int i = 0; i < 20; ++i) copy = shared * double(t + i);
                const Tensor slope = grad(sum(copy), shared);
                if (slope(0).item() != double(t + 19)) std::abort();
            });
        Tensor moved;
        std::thread maker([&] { moved = shared + 1; });
        maker.join();
        CHECK(moved(3).item() == 2);
        shared = Tensor();
        for (auto& t : threads) t.join();
    }
    zeros({1});  // takes back what others returned
    const auto after = memory_stats();
    CHECK(after.tensors == before.tensors);
    CHECK(after.nodes == before.nodes);
}

TEST_CASE("sums have the same bits for any number of threads", "[parallel]") {
    const Tensor x = normal(RandomKey{1, 2}, {1000, 700});
    const auto results = [&](int threads) {
        set_num_threads(threads);
        const Tensor w = normal(RandomKey{1, 3}, {700}).require_grad();
        const Tensor y = sum(tanh(x * w), 1), product = matmul(x, transpose(x));
        std::vector<float> all_values(y.raw<float>(), y.raw<float>() + y.numel());
        const Tensor dw = grad(sum(y * y), w), sums = sum(product, 0);
        const Tensor factor = full({}, 0.5).require_grad();
        all_values.push_back(grad(sum(tanh(x * factor)), factor).item<float>());
        all_values.insert(all_values.end(), dw.raw<float>(), dw.raw<float>() + dw.numel());
        all_values.insert(all_values.end(), sums.raw<float>(), sums.raw<float>() + sums.numel());
        return all_values;
    };
    const auto one = results(1);
    CHECK(results(2) == one);
    CHECK(results(3) == one);
    CHECK(results(8) == one);
    set_num_threads(0);
}

TEST_CASE("products agree with the definition, small, large, transposed, stacked", "[gemm]") {
    struct Row {
        std::int64_t m, k, n;
    };
    const auto row = GENERATE(values<Row>({{1, 1, 1},
                                           {3, 5, 2},
                                           {16, 16, 16},
                                           {65, 129, 33},
                                           {300, 280, 270},
                                           {1, 700, 3},
                                           {7, 3, 513},
                                           {1024, 520, 272},  // rows of 4096 bytes, read down their columns
                                           {200, 600, 790}}));
    const DType dtype = GENERATE(f32, f64);
    const Tensor a = normal(RandomKey{5, 1}, {row.m, row.k}, 0, 1, f64),
                 b = normal(RandomKey{5, 2}, {row.k, row.n}, 0, 1, f64);
    Tensor want = zeros({row.m, row.n}, f64);
    for (std::int64_t i = 0; i < row.m; ++i)
        for (std::int64_t p = 0; p < row.k; ++p)
            for (std::int64_t j = 0; j < row.n; ++j)
                want.raw<double>()[i * row.n + j] += a.raw<double>()[i * row.k + p] * b.raw<double>()[p * row.n + j];
    const double tolerance = (dtype == f32 ? 2e-6 : 1e-14) * double(row.k + 10);
    const Tensor x = a.to(dtype), y = b.to(dtype);
    for (const bool ta : {false, true})
        for (const bool tb : {false, true}) {
            const Tensor got =
                matmul(ta ? transpose(x) : x, tb ? transpose(y) : y, {.transpose_a = ta, .transpose_b = tb});
            CHECK(max(abs(got.to(f64) - want)).item() < tolerance);
        }
}

TEST_CASE("products have the same bits for any number of threads", "[gemm][threads]") {
    struct Row {
        std::int64_t m, k, n;
    };
    const auto row = GENERATE(values<Row>({{32, 784, 128}, {64, 784, 256}, {256, 1024, 768}, {1024, 600, 256}}));
    const bool ta = GENERATE(false, true), tb = GENERATE(false, true);
    const Tensor x = normal(RandomKey{5, 1}, ta ? Shape{row.k, row.m} : Shape{row.m, row.k}),
                 y = normal(RandomKey{5, 2}, tb ? Shape{row.n, row.k} : Shape{row.k, row.n});
    set_num_threads(1);
    const Tensor alone = matmul(x, y, {.transpose_a = ta, .transpose_b = tb});
    for (const int threads : {2, 3}) {
        set_num_threads(threads);
        CHECK(array_equal(matmul(x, y, {.transpose_a = ta, .transpose_b = tb}), alone));
    }
    set_num_threads(0);
}

TEST_CASE("large elementwise operations agree with small ones, at every row length", "[elementwise]") {
    for (const std::int64_t columns : {1, 3, 15, 16, 17, 100, 1000}) {
        const std::int64_t rows = 200'000 / columns;
        const Tensor x = normal(RandomKey{2, 1}, {rows, columns}, 0, 1, f64).require_grad();
        const Tensor row = normal(RandomKey{2, 2}, {columns}, 0, 1, f64).require_grad(),
                     column = normal(RandomKey{2, 3}, {rows, 1}, 0, 1, f64).require_grad();
        set_num_threads(2);
        // Rows that other threads compute must not be touched: every value is compared, several times.
        Tensor y = x * row + column;
        auto [dx, drow, dcolumn] = grad(sum(y * y), {x, row, column});
        for (int again = 0; again < 5; ++again) {
            const Tensor next = x * row + column;
            auto [du, dv, dw] = grad(sum(next * next), {x, row, column});
            double worst = 0;
            for (std::int64_t i = 0; i < x.numel(); ++i) {
                const double r = row.raw<double>()[i % columns],
                             v = x.raw<double>()[i] * r + column.raw<double>()[i / columns];
                worst =
                    std::max({worst, std::abs(next.raw<double>()[i] - v), std::abs(du.raw<double>()[i] - 2 * v * r)});
            }
            CHECK(worst < 1e-12);
        }
        set_num_threads(0);
        for (const std::int64_t r : {std::int64_t(0), rows / 3, rows - 1})
            for (const std::int64_t c : {std::int64_t(0), columns - 1}) {
                const double v = x.raw<double>()[r * columns + c] * row.raw<double>()[c] + column.raw<double>()[r];
                CHECK(y.raw<double>()[r * columns + c] == Approx(v).margin(1e-12));
                CHECK(dx.raw<double>()[r * columns + c] == Approx(2 * v * row.raw<double>()[c]).margin(1e-12));
            }
        CHECK(max(abs(drow - sum(2 * y.detach() * x.detach(), 0))).item() < 1e-8);
        CHECK(max(abs(dcolumn - sum(2 * y.detach(), 1, {.keepdims = true}))).item() < 1e-8);
    }
}
