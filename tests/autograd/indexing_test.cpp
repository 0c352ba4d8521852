#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
std::vector<double> list(const Tensor& t) {
    const Tensor d = t.to(f64);
    return {d.data<double>().begin(), d.data<double>().end()};
}
using List = std::vector<double>;
}  // namespace

TEST_CASE("indexing reads as NumPy does", "[indexing]") {
    const Tensor a = reshape(arange(24), {2, 3, 4});
    CHECK(a(1, 2, 3).item<std::int64_t>() == 23);
    CHECK(a[1][0].shape() == Shape{4});
    CHECK(a(all, 1).shape() == Shape{2, 4});
    CHECK(list(a(0, Slice(none, none, -1), 0)) == List{8, 4, 0});
    CHECK(list(a(-1, -1, Slice(1, none, 2))) == List{21, 23});
    CHECK(a(ellipsis, newaxis, 0).shape() == Shape{2, 3, 1});
    CHECK(a(Slice(5, 9)).shape() == Shape{0, 3, 4});
    CHECK(list(a(0, tensor<std::int64_t>({2, 0}), tensor<std::int64_t>({1, 3}))) == List{9, 3});
    CHECK(a(tensor<std::int64_t>({1}), all, tensor<std::int64_t>({0})).shape() == Shape{1, 3});
    CHECK(a(all, tensor<std::int64_t>({{0, 1}, {2, 2}})).shape() == Shape{2, 2, 2, 4});
    CHECK(list(a(a > 21)) == List{22, 23});
}

TEST_CASE("leading slices are views, others copies", "[indexing]") {
    Tensor a = reshape(arange(12), {3, 4});
    CHECK(a(Slice(1, 3)).raw<std::int64_t>() == a.raw<std::int64_t>() + 4);
    CHECK(a(2, Slice(1, 3)).raw<std::int64_t>() == a.raw<std::int64_t>() + 9);
    CHECK(a(all, 0).raw<std::int64_t>() != a.raw<std::int64_t>());
}

TEST_CASE("assignment to an index writes into the tensor", "[indexing]") {
    Tensor a = zeros({3, 4});
    a(1) = 2;
    a(all, Slice(none, none, 3)) = tensor({7, 8});
    a(tensor<std::int64_t>({0, 2}), 1) = tensor({5, 6});
    a(a == 0) = -1;
    CHECK(list(a) == List{7, 5, -1, 8, 7, 2, 2, 8, 7, 6, -1, 8});
    const auto before = a.version();
    a(0, 0) = 1;
    CHECK(a.version() == before + 1);
    CHECK_THROWS_WITH(a(0) = ones({3}), "index assignment: expected shapes that broadcast, got (3,) and (4,)");
    Tensor w = ones({2}).require_grad();
    CHECK_THROWS_WITH(w(0) = 1,
                      "index assignment: expected tensors that no gradient is recorded for, got one that requires a "
                      "gradient; use where(), or NoGrad");
    CHECK(list(w) == List{1, 1});
}

TEST_CASE("an index out of range says so", "[indexing]") {
    const Tensor a = zeros({2, 3});
    CHECK_THROWS_WITH(a(2), "index: expected a position in [-2, 2) along axis 0, got 2");
    CHECK_THROWS_WITH(a[-3], "operator[]: expected a row in [-2, 2), got -3");
    CHECK_THROWS_WITH(a(0, 0, 0), "index: expected at most 2 indices for shape (2, 3), got 3");
    CHECK_THROWS_WITH(take(a, tensor<std::int64_t>({5}), 1), "take: expected indices in [-3, 3), got 5");
    CHECK_THROWS_WITH(one_hot(tensor<std::int64_t>({0, 3}), 3), "one_hot: expected labels in [0, 3), got 3 in row 1");
    CHECK_THROWS_WITH(a(Slice(0, 2, 0)), "index: expected a step other than 0, got 0");
}

TEST_CASE("logic takes what is not 0 as true", "[logic]") {
    const Tensor a = tensor({0, 0, 2, 3}), b = tensor<bool>({false, true, false, true});
    CHECK(list(logical_and(a, b)) == List{0, 0, 0, 1});
    CHECK(list(logical_or(a, b)) == List{0, 1, 1, 1});
    CHECK(list(logical_xor(a, b)) == List{0, 1, 1, 0});
    CHECK(list(logical_not(a)) == List{1, 1, 0, 0});
    CHECK(permute(zeros({2, 3, 4}), {2, 0, 1}).shape() == Shape{4, 2, 3});
}
