#include "arithmetic.h"
#include "../../tensor/kernels/plain.h"
#include "../map.h"
#include "elementwise.h"

namespace xg {

namespace {
constexpr auto pass = [](auto dy) { return dy; };
constexpr auto negate = [](auto dy) { return -dy; };

/// Floats go through map; integers one by one, unrecorded (bools count in int64).
template <class F, class Ra, class Rb>
Tensor arithmetic(const char* op, const Tensor& a, const Tensor& b, F f, Ra rule_a, Rb rule_b) {
    const DType d = promote(a.dtype(), b.dtype());
    if (is_float(d)) [[likely]]
        return map(op, a, b, f, rule_a, rule_b);
    const DType counted = d == boolean ? i64 : d;
    return dispatch_integer(counted, op,
                            [&]<class T> { return kernel::plain_map<T, T>(op, f, a.to(counted), b.to(counted)); });
}
template <class F> Tensor compare(const char* op, const Tensor& a, const Tensor& b, F f) {
    const DType d = promote(a.dtype(), b.dtype());
    const Tensor left = a.detach().to(d), right = b.detach().to(d);
    return dispatch(d, [&]<class T> { return kernel::plain_map<bool, T>(op, f, left, right); });
}
/// 1 where a wins, 1/2 where both are equal.
constexpr auto share = [](auto wins, auto equal, auto dy) { return where(wins, dy, where(equal, dy * 0.5, 0)); };
}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "add", a, b, [](auto u, auto v) { return u + v; }, pass, pass);
}
Tensor operator-(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "subtract", a, b, [](auto u, auto v) { return u - v; }, pass, negate);
}
Tensor operator*(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "multiply", a, b, [](auto u, auto v) { return u * v; }, [](auto dy, auto, auto v) { return dy * v; },
        [](auto dy, auto u, auto) { return dy * u; });
}
Tensor operator/(const Tensor& a, const Tensor& b) {
    return map(
        "divide", a, b, [](auto u, auto v) { return u / v; }, [](auto dy, auto, auto v) { return dy / v; },
        [](auto dy, auto, auto v, auto y) { return -dy * y / v; });
}
Tensor operator-(const Tensor& x) {
    if (is_float(x.dtype()))
        return map(
            "negative", x, [](auto v) { return -v; }, negate);
    return scalar_like(0, x) - x;
}

void add_in_place(Tensor& sum, const Tensor& x) {
    dispatch_float(sum.dtype(), "add_in_place", [&]<class T> {
        constexpr auto plus = [](auto a, auto b) { return a + b; };
        const std::array<kernel::Source<T>, 2> in{
            {{sum.raw<T>(), kernel::Kind::full}, {x.raw<T>(), kernel::Kind::full}}};
        kernel::forward<T, decltype(plus), 2>(plus, sum.raw<T>(), {1, sum.numel()}, in);
    });
}

Tensor operator<(const Tensor& a, const Tensor& b) {
    return compare("less", a, b, [](auto u, auto v) { return u < v; });
}
Tensor operator>(const Tensor& a, const Tensor& b) {
    return compare("greater", a, b, [](auto u, auto v) { return u > v; });
}
Tensor operator<=(const Tensor& a, const Tensor& b) {
    return compare("less_equal", a, b, [](auto u, auto v) { return u <= v; });
}
Tensor operator>=(const Tensor& a, const Tensor& b) {
    return compare("greater_equal", a, b, [](auto u, auto v) { return u >= v; });
}
Tensor operator==(const Tensor& a, const Tensor& b) {
    return compare("equal", a, b, [](auto u, auto v) { return u == v; });
}
Tensor operator!=(const Tensor& a, const Tensor& b) {
    return compare("not_equal", a, b, [](auto u, auto v) { return u != v; });
}

Tensor logical_and(const Tensor& a, const Tensor& b) {
    return compare("logical_and", a, b, [](auto u, auto v) { return u != 0 && v != 0; });
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
    return compare("logical_or", a, b, [](auto u, auto v) { return u != 0 || v != 0; });
}
Tensor logical_xor(const Tensor& a, const Tensor& b) {
    return compare("logical_xor", a, b, [](auto u, auto v) { return (u != 0) != (v != 0); });
}
Tensor logical_not(const Tensor& x) { return x == 0; }

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
    const DType d = promote(a.dtype(), b.dtype());
    if (!is_float(d)) {
        const Tensor c = condition.dtype() == boolean ? condition.to(d) : (condition != 0).to(d);
        return dispatch(d, [&]<class T> {
            return kernel::plain_map<T, T>(
                "where", [](T is, T u, T v) { return is ? u : v; }, c, a.to(d), b.to(d));
        });
    }
    return map(
        "where", condition.detach().to(d), a, b, [](auto is, auto u, auto v) { return where(is != 0, u, v); },
        [](auto dy) { return 0 * dy; }, [](auto dy, auto is, auto, auto) { return where(is != 0, dy, 0); },
        [](auto dy, auto is, auto, auto) { return where(is != 0, 0, dy); });
}

Tensor maximum(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "maximum", a, b, [](auto u, auto v) { return maximum(u, v); },
        [](auto dy, auto u, auto v) { return share(u > v, u == v, dy); },
        [](auto dy, auto u, auto v) { return share(v > u, u == v, dy); });
}
Tensor minimum(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "minimum", a, b, [](auto u, auto v) { return minimum(u, v); },
        [](auto dy, auto u, auto v) { return share(u < v, u == v, dy); },
        [](auto dy, auto u, auto v) { return share(v < u, u == v, dy); });
}

namespace {
/// Integers only: the quotient rounded down, or what it leaves.
template <class F> Tensor divide_down(const char* op, const Tensor& a, const Tensor& b, const F& f) {
    const DType d = promote(a.dtype(), b.dtype());
    const Tensor left = a.to(d == boolean ? i64 : d), right = b.to(d == boolean ? i64 : d);
    return dispatch_integer(left.dtype(), op, [&]<class T> {
        for (std::int64_t i = 0; i < right.numel(); ++i)
            require<std::invalid_argument>(right.raw<T>()[i] != 0, "{}: expected divisors other than 0, got 0", op);
        return kernel::plain_map<T, T>(op, f, left, right);
    });
}
constexpr auto floored = [](auto a, auto b) { return decltype(a)(a / b - (a % b != 0 && (a % b < 0) != (b < 0))); };
}  // namespace
Tensor floor_divide(const Tensor& a, const Tensor& b) {
    if (is_float(promote(a.dtype(), b.dtype()))) return floor(a.detach() / b.detach());
    return divide_down("floor_divide", a, b, floored);
}
Tensor mod(const Tensor& a, const Tensor& b) {
    if (!is_float(promote(a.dtype(), b.dtype())))
        return divide_down("mod", a, b, [](auto u, auto v) { return decltype(u)(u - floored(u, v) * v); });
    return map(
        "mod", a, b, [](auto u, auto v) { return u - v * floor(u / v); }, pass,
        [](auto dy, auto u, auto v) { return -dy * floor(u / v); });
}

}  // namespace xg
