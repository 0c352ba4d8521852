// a(...) = x and a(...) += x, against what NumPy 2.4 prints after the same statement.
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
using List = std::vector<double>;
Tensor integers(Nested<std::int64_t> values) { return tensor<std::int64_t>(values); }
}  // namespace

TEST_CASE("what is assigned to an index is written as NumPy writes it", "[assignment]") {
    struct Change {
        const char* numpy;
        void (*run)(Tensor&);
        List values;
    };
    const std::vector<Change> rows{
        {"z[0] += 1", [](Tensor& z) { z[0] += 1; }, {1, 2, 3, 3, 4, 5}},
        {"z[-1] = [7, 8, 9]",
         [](Tensor& z) {
             z[-1] = tensor({7, 8, 9});
         },
         {0, 1, 2, 7, 8, 9}},
        {"z[0:2, :] *= 3", [](Tensor& z) { z(Slice(0, 2), all) *= 3; }, {0, 3, 6, 9, 12, 15}},
        {"z[:, ::2] -= [[1], [2]]",
         [](Tensor& z) {
             z(all, Slice(none, none, 2)) -= tensor({{1}, {2}});
         },
         {-1, 1, 1, 1, 4, 3}},
        {"z[1] /= 4", [](Tensor& z) { z(1) /= 4; }, {0, 1, 2, 0.75, 1, 1.25}},
        {"z[z > 2] *= -1", [](Tensor& z) { z(z > 2) *= -1; }, {0, 1, 2, -3, -4, -5}},
        {"z[[0, 0, 1], [1, 1, 2]] += 10",
         [](Tensor& z) {
             z(integers({0, 0, 1}), integers({1, 1, 2})) += 10;
         },
         {0, 11, 2, 3, 4, 15}},
        {"z[:, 1:] += z[:, :-1]",
         [](Tensor& z) { z(all, Slice(1, none)) += z(all, Slice(none, -1)); },
         {0, 1, 3, 3, 7, 9}},
        {"z[:, 1:] = z[:, :-1]",
         [](Tensor& z) { z(all, Slice(1, none)) = z(all, Slice(none, -1)); },
         {0, 0, 1, 3, 3, 4}},
        {"z[0][1] += 5", [](Tensor& z) { z[0][1] += 5; }, {0, 6, 2, 3, 4, 5}},
        {"z[1] -= z[0]", [](Tensor& z) { z[1] -= z[0]; }, {0, 1, 2, 3, 3, 3}},
    };
    for (const Change& row : rows) {
        INFO(row.numpy);
        Tensor z = reshape(arange(0, 6, 1, f32), {2, 3});
        const Tensor same = z;
        row.run(z);
        const Tensor got = same.to(f64);
        CHECK(List(got.data<double>().begin(), got.data<double>().end()) == row.values);
        CHECK(z.impl() == same.impl());
    }
}

TEST_CASE("a named row, and a tensor, are rebound by += and =", "[assignment]") {
    Tensor z = ones({2, 3});
    const Tensor before = z;
    auto row = z[0];
    row += 1;
    row = row * 2;
    CHECK(all(row == 4).item<bool>());
    z += 1;
    CHECK(all(before == 1).item<bool>());
    CHECK(all(z == 2).item<bool>());
}

TEST_CASE("a change in place of a recorded value is found, and one under NoGrad is not recorded", "[assignment]") {
    const Tensor x = tensor({1, 2}).require_grad();
    Tensor a = tensor({3, 4});
    const Tensor y = sum(x * a);
    a[0] += 1;
    CHECK_THROWS_WITH(y.backward(),
                      "backward of multiply: expected its saved value of shape (2,) unchanged, got it changed in "
                      "place by +=");
    const NoGrad unrecorded;
    x[0] = 5;
    CHECK(all(x == tensor({5, 2})).item<bool>());
    CHECK(x.requires_grad());
}

TEST_CASE("what cannot be written in place says so and changes nothing", "[assignment]") {
    const Tensor w = ones({2, 3}).require_grad();
    Tensor a = zeros({2, 3}), n = arange(3);
    const auto version = a.version();
    const char* recorded =
        ": expected tensors that no gradient is recorded for, got one that requires a gradient; use where(), or NoGrad";
    const char* copied =
        ": expected an index of a tensor, got an index of a copy that another index made; use a(i, j) for a(i)(j)";
    CHECK_THROWS_WITH(w[0] = tensor({1, 2, 3}), std::string("index assignment") + recorded);
    CHECK_THROWS_WITH(w[0] += 1, std::string("+=") + recorded);
    CHECK_THROWS_WITH(a[0] *= w[0], std::string("*=") + recorded);
    CHECK_THROWS_WITH(a(all, 0)[1] = full({}, 1), std::string("index assignment") + copied);
    CHECK_THROWS_WITH(a(all, 0)(Slice(0, 1)) -= 1, std::string("-=") + copied);
    CHECK_THROWS_WITH(a[0] /= zeros({2}), "divide: expected shapes that broadcast, got (3,) and (2,)");
    CHECK_THROWS_WITH(a[0] += zeros({2, 3}), "+=: expected values that broadcast to (3,), got (2, 3)");
    CHECK_THROWS_WITH(a(0) = zeros({2, 3}), "index assignment: expected values that broadcast to (3,), got (2, 3)");
    CHECK_THROWS_WITH(n[0] += 0.5, "+=: expected values that fit int64, got float32");
    CHECK_THROWS_WITH(n(Slice(0, 2)) /= 2, "/=: expected values that fit int64, got float32");
    CHECK(a.version() == version);
    CHECK(all(n == arange(3)).item<bool>());
}
