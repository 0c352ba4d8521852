// What NumPy 2.4 prints for the same calls.
#include <cfloat>
#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
using List = std::vector<double>;
struct Row {
    const char* numpy;
    Tensor got;
    Shape shape;
    List values;
};
std::string text(const Shape& shape, const List& values) {
    std::string s = fmt::format("{}", shape);
    for (double v : values) s += fmt::format(" {}", v);
    return s;
}
void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.numpy);
        const Tensor got = row.got.to(f64);
        CHECK(text(got.shape(), {got.data<double>().begin(), got.data<double>().end()}) == text(row.shape, row.values));
    }
}
Tensor integers(Nested<std::int64_t> values) { return tensor<std::int64_t>(values); }
Tensor doubles(Nested<double> values) { return tensor<double>(values); }
}  // namespace

TEST_CASE("values are moved as NumPy moves them", "[numpy]") {
    const Tensor a = reshape(arange(6), {2, 3}), b = reshape(arange(24), {2, 3, 4}), three = arange(1, 4),
                 one = arange(1);
    const auto cut = split(arange(7), {2, 5}), slim = split(a, {0, 1, 1}, 1);
    using enum PadMode;
    check({
        {"pad(three, (2, 1), 'reflect')", pad(three, {{2, 1}}, reflect), {6}, {3, 2, 1, 2, 3, 2}},
        {"pad(three, (7, 5), 'reflect')",
         pad(three, {{7, 5}}, reflect),
         {15},
         {2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2, 1, 2, 3, 2}},
        {"pad(one, (2, 3), 'reflect')", pad(one, {{2, 3}}, reflect), {6}, {0, 0, 0, 0, 0, 0}},
        {"pad(a, ((1, 1), (2, 0)), 'reflect')", pad(a, {{1, 1}, {2, 0}}, reflect), {4, 5}, {5, 4, 3, 4, 5, 2, 1,
                                                                                            0, 1, 2, 5, 4, 3, 4,
                                                                                            5, 2, 1, 0, 1, 2}},
        {"pad(three, (2, 1), 'symmetric')", pad(three, {{2, 1}}, symmetric), {6}, {2, 1, 1, 2, 3, 3}},
        {"pad(three, (7, 5), 'symmetric')",
         pad(three, {{7, 5}}, symmetric),
         {15},
         {1, 1, 2, 3, 3, 2, 1, 1, 2, 3, 3, 2, 1, 1, 2}},
        {"pad(a, ((1, 1), (2, 0)), 'symmetric')", pad(a, {{1, 1}, {2, 0}}, symmetric), {4, 5}, {1, 0, 0, 1, 2, 1, 0,
                                                                                                0, 1, 2, 4, 3, 3, 4,
                                                                                                5, 4, 3, 3, 4, 5}},
        {"pad(three, (7, 5), 'edge')", pad(three, {{7, 5}}, edge), {15}, {1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3}},
        {"pad(three, (7, 5), 'wrap')", pad(three, {{7, 5}}, wrap), {15}, {3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2}},
        {"pad(a, ((1, 1), (2, 0)), 'wrap')", pad(a, {{1, 1}, {2, 0}}, wrap), {4, 5}, {4, 5, 3, 4, 5, 1, 2, 0, 1, 2,
                                                                                      4, 5, 3, 4, 5, 1, 2, 0, 1, 2}},
        {"split(arange(7), [2, 5])[0]", cut.at(0), {2}, {0, 1}},
        {"split(arange(7), [2, 5])[1]", cut.at(1), {3}, {2, 3, 4}},
        {"split(arange(7), [2, 5])[2]", cut.at(2), {2}, {5, 6}},
        {"split(a, [0, 1, 1], 1)[0]", slim.at(0), {2, 0}, {}},
        {"split(a, [0, 1, 1], 1)[1]", slim.at(1), {2, 1}, {0, 3}},
        {"split(a, [0, 1, 1], 1)[2]", slim.at(2), {2, 0}, {}},
        {"split(a, [0, 1, 1], 1)[3]", slim.at(3), {2, 2}, {1, 2, 4, 5}},
        {"moveaxis(b, 0, 2)[:, :1]", moveaxis(b, 0, 2)(all, Slice(0, 1)), {3, 1, 2}, {0, 12, 4, 16, 8, 20}},
        {"moveaxis(b, -1, 0)[0]", moveaxis(b, -1, 0)[0], {2, 3}, {0, 4, 8, 12, 16, 20}},
        {"roll(a, (1, -1), (0, 1))", roll(a, {1, -1}, {0, 1}), {2, 3}, {4, 5, 3, 1, 2, 0}},
        {"roll(a, (1, 1), (1, 1))", roll(a, {1, 1}, {1, 1}), {2, 3}, {1, 2, 0, 4, 5, 3}},
        {"roll(a, 2)", roll(a, 2), {2, 3}, {4, 5, 0, 1, 2, 3}},
        {"diagonal(a)", diagonal(a), {2}, {0, 4}},
        {"diagonal(a, 1)", diagonal(a, 1), {2}, {1, 5}},
        {"diagonal(a, -1)", diagonal(a, -1), {1}, {3}},
        {"diagonal(a, 5)", diagonal(a, 5), {0}, {}},
        {"diagonal(b, 1, 1, 2)", diagonal(b, 1, 1, 2), {2, 3}, {1, 6, 11, 13, 18, 23}},
        {"diagonal(b, 0, 2, 0)", diagonal(b, 0, 2, 0), {3, 2}, {0, 13, 4, 17, 8, 21}},
        {"trace(a)", trace(a), {}, {4}},
        {"trace(b, 1, -2, -1)", trace(b, 1, -2, -1), {2}, {18, 54}},
        {"diag([1, 2], 1)", diag(integers({1, 2}), 1), {3, 3}, {0, 1, 0, 0, 0, 2, 0, 0, 0}},
        {"diag([3], -2)", diag(integers({3}), -2), {3, 3}, {0, 0, 0, 0, 0, 0, 3, 0, 0}},
        {"diag(a, -1)", diag(a, -1), {1}, {3}},
    });
}

TEST_CASE("values are counted and multiplied as NumPy does", "[numpy]") {
    const Tensor m = integers({{1, 2, 3}, {4, 0, 6}}), s = integers({{0, 1, 0}, {2, 0, 3}});
    check({
        {"cumprod(m, 1)", cumprod(m, 1), {2, 3}, {1, 2, 6, 4, 0, 0}},
        {"cumprod(m, 0)", cumprod(m, 0), {2, 3}, {1, 2, 3, 4, 0, 18}},
        {"cumprod([0.5, 2, -3, 4, 5])", cumprod(tensor({0.5, 2, -3, 4, 5})), {5}, {0.5, 1, -3, -12, -60}},
        {"nonzero(s)[0]", nonzero(s).at(0), {3}, {0, 1, 1}},
        {"nonzero(s)[1]", nonzero(s).at(1), {3}, {1, 0, 2}},
        {"argwhere(s)", argwhere(s), {3, 2}, {0, 1, 1, 0, 1, 2}},
        {"count_nonzero(s, 1)", count_nonzero(s, 1), {2}, {1, 2}},
    });
}

TEST_CASE("functions keep their digits where terms cancel or overflow", "[numpy]") {
    struct Value {
        const char* name;
        Tensor (*f)(const Tensor&);
        double x, y;
    };
    const std::vector<Value> rows{
        {"sinh", sinh, 1e-300, 1e-300},
        {"sinh", sinh, 1e-10, 1e-10},
        {"sinh", sinh, 0.5, 0.5210953054937474},
        {"sinh", sinh, -0.999999, -1.1751996505637543},
        {"sinh", sinh, 3.0, 10.017874927409903},
        {"sinh", sinh, -710.0, -1.1169973830808555e+308},
        {"cosh", cosh, 1e-10, 1.0},
        {"cosh", cosh, -2.0, 3.7621956910836314},
        {"cosh", cosh, 710.0, 1.1169973830808555e+308},
        {"arccos", arccos, 0.99999999999999, 1.4136482746161737e-07},
        {"arccos", arccos, -0.999999, 3.1401784399095485},
        {"arccos", arccos, 0.25, 1.318116071652818},
        {"log1p", log1p, -1.0, -INFINITY},
        {"log1p", log1p, -0.5, -0.6931471805599453},
        {"tan", tan, 1e-10, 1e-10},
        {"expm1", expm1, 1e-12, 1.0000000000005e-12},
        {"expm1", expm1, -40.0, -1.0},
    };
    for (const Value& row : rows) {
        INFO(row.name << " of " << row.x);
        const double y = row.f(full({}, row.x, f64)).item();
        CHECK((y == row.y || std::fabs(y - row.y) <= 4 * DBL_EPSILON * std::fabs(row.y)));
        const double narrow = row.f(full({}, 0.0001f)).item(), wide = row.f(full({}, 0.0001f).to(f64)).item();
        CHECK(std::fabs(narrow - wide) <= 4 * FLT_EPSILON * std::fabs(wide));
    }
}

TEST_CASE("products over axes are those of NumPy", "[numpy]") {
    const Tensor a = reshape(arange(6), {2, 3}), b = reshape(arange(24), {2, 3, 4});
    const Tensor x = a.to(f64), y = b.to(f64);
    check({
        {"outer(a[0], a)", outer(a[0], a), {3, 6}, {0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 0, 2, 4, 6, 8, 10}},
        {"tensordot(a, b)", tensordot(a, b), {4}, {220, 235, 250, 265}},
        {"tensordot(a, [1, 2], 0)[1]", tensordot(a, integers({1, 2}), 0)[1], {3, 2}, {3, 6, 4, 8, 5, 10}},
        {"tensordot(x, y, 2)", tensordot(x, y, 2), {4}, {220, 235, 250, 265}},
        {"tensordot(x, y, ([1], [1]))[:, 1]",
         tensordot(x, y, {1}, {1})(all, 1),
         {2, 4},
         {56, 59, 62, 65, 200, 212, 224, 236}},
        {"tensordot(y, x, ([1, 0], [1, 0]))", tensordot(y, x, {1, 0}, {1, 0}), {4}, {220, 235, 250, 265}},
        {"tensordot(y, y, 3)", tensordot(y, y, 3), {}, {4324}},
    });
}

TEST_CASE("integers stay exact, and numbers that do not fit are no others", "[numpy]") {
    const Tensor bytes = tensor<std::uint8_t>({200, 100}), low = tensor<std::int32_t>({INT32_MIN, -3});
    check({
        {"prod(bytes)", prod(bytes), {}, {20000}},
        {"cumsum(bytes)", cumsum(bytes), {2}, {200, 300}},
        {"cumprod(bytes)", cumprod(bytes), {2}, {200, 20000}},
        {"power(3, 39) - 4052555153018976267", pow(integers({3}), 39) - 4052555153018976267, {1}, {0}},
        {"power([-2, 0, 7], [3, 0, 1])", pow(integers({-2, 0, 7}), integers({3, 0, 1})), {3}, {-8, 1, 7}},
        {"abs([-3, 2])", abs(integers({-3, 2})), {2}, {3, 2}},
        {"square([2**31])", square(integers({std::int64_t(1) << 31})), {1}, {4611686018427387904}},
        {"clip(bytes, -3, 150)", clip(bytes, -3, 150), {2}, {150, 100}},
        {"clip(low, -1e10, 1e10)", clip(low, -1e10, 1e10), {2}, {INT32_MIN, -3}},
        {"bytes < 300", bytes < 300, {2}, {1, 1}},
        {"bytes == -56", bytes == -56, {2}, {0, 0}},
        {"low > -10000000000", low > -10000000000, {2}, {1, 1}},
        {"low // -1", floor_divide(low, -1), {2}, {INT32_MIN, 3}},
        {"low % -1", mod(low, -1), {2}, {0, 0}},
        {"roll(arange(5), -2**63)", roll(arange(5), INT64_MIN, 0), {5}, {3, 4, 0, 1, 2}},
        {"tril([[1, 1], [1, 1]], 2**63 - 1)", tril(ones({2, 2}), INT64_MAX), {2, 2}, {1, 1, 1, 1}},
    });
    CHECK(diagonal(ones({2, 2}), INT64_MIN).shape() == Shape{0});
    CHECK(abs(low(1)).dtype() == i32);
    CHECK(clip(bytes, -3, 150).dtype() == u8);
}

TEST_CASE("bits and truths are those of NumPy", "[numpy]") {
    const Tensor x = tensor<bool>({true, true, false, false}), y = tensor<bool>({true, false, true, false});
    const Tensor i = integers({12, -7, 5}), j = integers({10, 3, -1});
    const Tensor n = doubles({1, NAN, INFINITY, -INFINITY});
    const Tensor a = doubles({1e10, 1e-7, 1, NAN, INFINITY, -INFINITY, INFINITY, 1}),
                 b = doubles({1.00001e10, 1e-8, 1.00002, NAN, INFINITY, INFINITY, 1, INFINITY});
    check({
        {"~x", !x, {4}, {0, 0, 1, 1}},
        {"x & y", x & y, {4}, {1, 0, 0, 0}},
        {"x | y", x | y, {4}, {1, 1, 1, 0}},
        {"x ^ y", x ^ y, {4}, {0, 1, 1, 0}},
        {"i & j", i & j, {3}, {8, 1, 5}},
        {"i | j", i | j, {3}, {14, -5, -1}},
        {"i ^ j", i ^ j, {3}, {6, -6, -6}},
        {"~i", ~i, {3}, {-13, 6, -6}},
        {"~x", ~x, {4}, {0, 0, 1, 1}},
        {"i & [True, False, True]", i & tensor<bool>({true, false, true}), {3}, {0, 0, 1}},
        {"(i > 0) & (j < 0)", (i > 0) & (j < 0), {3}, {0, 0, 1}},
        {"isnan(n)", isnan(n), {4}, {0, 1, 0, 0}},
        {"isinf(n)", isinf(n), {4}, {0, 0, 1, 1}},
        {"isfinite(n)", isfinite(n), {4}, {1, 0, 0, 0}},
        {"isclose(a, b)", isclose(a, b), {8}, {1, 0, 0, 0, 1, 0, 0, 0}},
        {"isclose(a, b, equal_nan=True)", isclose(a, b, {.equal_nan = true}), {8}, {1, 0, 0, 1, 1, 0, 0, 0}},
        {"isclose(a, b, 1e-4, 1e-6)", isclose(a, b, {.rtol = 1e-4, .atol = 1e-6}), {8}, {1, 1, 1, 0, 1, 0, 0, 0}},
    });
    CHECK((x & y).dtype() == boolean);
    CHECK(allclose(tensor({1, 2}), tensor({1, 2.00001})));
    CHECK(!allclose(tensor({1, 2}), tensor({1, 2.1})));
    CHECK(array_equal(integers({1, 2}), tensor({1, 2})));
    CHECK(!array_equal(integers({1, 2}), integers({{1, 2}})));
    CHECK(!array_equal(tensor({NAN}), tensor({NAN})));
    CHECK(array_equal(zeros({0}), zeros({0})));
}

TEST_CASE("division rounds down and leaves what Python leaves", "[numpy]") {
    const Tensor i = integers({7, -7, 7, -7, 6, -6, 0}), j = integers({3, 3, -3, -3, 3, 3, -5});
    const Tensor u = doubles({7.5, -7.5, 7.5, -7.5, 1, 5, -5, 6, -6, 0, 1e17}),
                 v = doubles({2, 2, -2, -2, 0.1, INFINITY, INFINITY, 3, 3, -3, 3});
    const Tensor p = doubles({1, -1, 0, INFINITY, NAN, 1}), q = doubles({0, 0, 0, 2, 2, NAN});
    const Tensor f = tensor({5, -5});
    check({
        {"i // j", floor_divide(i, j), {7}, {2, -3, -3, 2, 2, -2, 0}},
        {"i % j", mod(i, j), {7}, {1, 2, -2, -1, 0, 0, 0}},
        {"i % 3", mod(i, 3), {7}, {1, 2, 1, 2, 0, 0, 0}},
        {"u // v", floor_divide(u, v), {11}, {3, -4, -4, 3, 9, 0, -1, 2, -2, -0., 3.3333333333333332e16}},
        {"u % v", mod(u, v), {11}, {1.5, 0.5, -0.5, -1.5, 0.09999999999999995, 5, INFINITY, 0, 0, -0., 1}},
        {"p // q", abs(floor_divide(p, q)(Slice(0, 2))), {2}, {INFINITY, INFINITY}},
        {"isnan(p // q)", isnan(floor_divide(p, q)), {6}, {0, 0, 1, 1, 1, 1}},
        {"isnan(p % q)", isnan(mod(p, q)), {6}, {1, 1, 1, 1, 1, 1}},
        {"f % float32(0.7)", mod(f, 0.7f), {2}, {0.10000008344650269, 0.5999999046325684}},
        {"f // float32(0.7)", floor_divide(f, 0.7f), {2}, {7, -8}},
    });
}

TEST_CASE("casts to integers have a value for every float", "[numpy]") {
    const double inf = INFINITY;
    const auto as = [](double x, DType d) { return full({}, x, f64).to(d).item<std::int64_t>(); };
    CHECK((as(2.9, i32) == 2 && as(-2.9, i64) == -2 && as(255.9, u8) == 255));
    CHECK((as(NAN, i32) == 0 && as(NAN, i64) == 0 && as(NAN, u8) == 0));
    CHECK((as(inf, i32) == INT32_MAX && as(-inf, i32) == INT32_MIN));
    CHECK((as(inf, i64) == INT64_MAX && as(-1e300, i64) == INT64_MIN));
    CHECK((as(300, u8) == 255 && as(-3, u8) == 0));
    CHECK(array_equal(tensor({3e9f, -3e9f}).to(i32), tensor<std::int32_t>({INT32_MAX, INT32_MIN})));
}
TEST_CASE("integer arithmetic wraps around at the ends of its range", "[numpy]") {
    const Tensor most = full({1}, INT32_MAX, i32), least = full({1}, INT64_MIN, i64);
    CHECK((most + 1).item<std::int64_t>() == INT32_MIN);
    CHECK((most * most).item<std::int64_t>() == 1);
    CHECK((least - 1).item<std::int64_t>() == INT64_MAX);
    CHECK((-least).item<std::int64_t>() == INT64_MIN);
    CHECK((full({1}, 200, u8) + full({1}, 100, u8)).item<std::int64_t>() == 44);
}

TEST_CASE("quantiles and grids are NumPy's", "[numpy]") {
    const Tensor a = doubles({{3, 1, 2, 10}, {0, 7, 5, 4}});
    const auto xy = meshgrid({doubles({1, 2, 3}), doubles({10, 20})});
    const auto ij = meshgrid({doubles({1, 2, 3}), doubles({10, 20})}, Indexing::ij);
    check({
        {"median(a)", median(a), {}, {3.5}},
        {"median(a, axis=1)", median(a, 1), {2}, {2.5, 4.5}},
        {"median(a, axis=0, keepdims=True)", median(a, 0, {.keepdims = true}), {1, 4}, {1.5, 4, 3.5, 7}},
        {"median(a[:, :3], axis=-1)", median(a(all, Slice(0, 3)), -1), {2}, {2, 5}},
        {"quantile(a, 0.25)", quantile(a, 0.25), {}, {1.75}},
        {"quantile(a, 0.5, axis=(0, 1), keepdims=True)", quantile(a, 0.5, {0, 1}, {.keepdims = true}), {1, 1}, {3.5}},
        {"quantile(a, 0, axis=1)", quantile(a, 0, 1), {2}, {1, 0}},
        {"quantile(a, 1, axis=1)", quantile(a, 1, 1), {2}, {10, 7}},
        {"quantile([1, nan, 2], 0.5)", quantile(doubles({1, NAN, 2}), 0.5), {}, {NAN}},
        {"meshgrid([1, 2, 3], [10, 20])[0]", xy[0], {2, 3}, {1, 2, 3, 1, 2, 3}},
        {"meshgrid([1, 2, 3], [10, 20])[1]", xy[1], {2, 3}, {10, 10, 10, 20, 20, 20}},
        {"meshgrid([1, 2, 3], [10, 20], indexing='ij')[0]", ij[0], {3, 2}, {1, 1, 2, 2, 3, 3}},
        {"meshgrid([1, 2, 3], [10, 20], indexing='ij')[1]", ij[1], {3, 2}, {10, 20, 10, 20, 10, 20}},
        {"meshgrid([1, 2])[0]", meshgrid({doubles({1, 2})})[0], {2}, {1, 2}},
    });
}
