#include "arithmetic.h"
#include <cmath>
#include "../batch.h"
#include "../map.h"
#include "../record.h"
#include "elementwise.h"

namespace xg {

namespace {
constexpr auto pass = [](auto dy) { return dy; };
constexpr auto negate = [](auto dy) { return -dy; };

/// Integers wrap around at the ends of their range, as NumPy's do: in C++ that is defined for unsigned ones only.
template <class F> struct Wrapping {
    F f;
    template <class T> auto operator()(T u, T v) const {
        if constexpr (std::is_integral_v<T>) return T(f(std::make_unsigned_t<T>(u), std::make_unsigned_t<T>(v)));
        else return f(u, v);
    }
};
template <class F> Wrapping(F) -> Wrapping<F>;
constexpr Wrapping plus{[](auto u, auto v) { return u + v; }};
constexpr Wrapping minus{[](auto u, auto v) { return u - v; }};
constexpr Wrapping times{[](auto u, auto v) { return u * v; }};

/// Floats go through map; integers one by one, unrecorded (bools count in int64).
template <class F, class Ra, class Rb>
Tensor arithmetic(const char* op, const Tensor& a, const Tensor& b, F f, Ra rule_a, Rb rule_b) {
    if (is_float(a.dtype()) || is_float(b.dtype())) [[likely]]
        return map(op, a, b, f, rule_a, rule_b);
    const DType d = promote(a.dtype(), b.dtype()), counted = d == boolean ? i64 : d;
    return dispatch_integer(counted, op,
                            [&]<class T> { return detail::plain_map<T, T>(op, f, a.to(counted), b.to(counted)); });
}
template <class F> Tensor compare(const char* op, const Tensor& a, const Tensor& b, F f) {
    const DType d = promote(a.dtype(), b.dtype());
    const Tensor left = a.detach().to(d), right = b.detach().to(d);
    const auto by_elements = [&]<class T> { return detail::plain_map<bool, T>(op, f, left, right); };
    if (is_float(d)) return dispatch_float(d, op, by_elements);
    return d == boolean ? by_elements.template operator()<std::uint8_t>() : dispatch_integer(d, op, by_elements);
}
/// 1 where a wins, 1/2 where both are equal.
constexpr auto share = [](auto wins, auto equal, auto dy) { return where(wins, dy, where(equal, dy * 0.5, 0)); };
}  // namespace

Tensor operator+(const Tensor& a, const Tensor& b) { return arithmetic("add", a, b, plus, pass, pass); }
Tensor operator-(const Tensor& a, const Tensor& b) { return arithmetic("subtract", a, b, minus, pass, negate); }
Tensor operator*(const Tensor& a, const Tensor& b) {
    return arithmetic(
        "multiply", a, b, times, [](auto dy, auto, auto v) { return dy * v; },
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
        T* const to = sum.raw<T>();
        if (sum.numel() < kernel::stays_on_caller<T, 2>)
            return kernel::forward_flat(plus, to, sum.numel(), to, x.raw<T>());
        const std::array<kernel::Source<T>, 2> in{{{to, kernel::Kind::full}, {x.raw<T>(), kernel::Kind::full}}};
        kernel::forward<T, decltype(plus), 2, 1>(plus, {to}, {1, sum.numel()}, in);
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

Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b) {
    const DType d = promote(a.dtype(), b.dtype());
    if (!is_float(d)) {
        const Tensor c = condition.dtype() == boolean ? condition.to(d) : (condition != 0).to(d);
        return dispatch(d, [&]<class T> {
            return detail::plain_map<T, T>(
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
// Python's rules: the quotient is rounded down, the rest has the divisor's sign.
constexpr auto rest_of = []<class T>(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        const T rest = T(std::is_signed_v<T> && b == T(-1) ? 0 : a % b);  // the least number % -1 traps
        return T(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
    } else {
        const T rest = std::fmod(a, b);
        return rest == 0 ? std::copysign(T(0), b) : (rest < 0) != (b < 0) ? rest + b : rest;
    }
};
constexpr auto quotient_of = []<class T>(T a, T b) {
    if constexpr (std::is_integral_v<T>) {
        if (std::is_signed_v<T> && b == T(-1)) return T(-std::make_unsigned_t<T>(a));
        return T(a / b - (a % b != 0 && (a % b < 0) != (b < 0)));
    } else {
        // a / b may round up to the next integer, a less its rest is a multiple of b but for rounding.
        if (b == 0 || std::isinf(a)) return b == 0 ? a / b : T(NAN);
        const T rest = std::fmod(a, b), whole = (a - rest) / b - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0);
        return whole == 0 ? std::copysign(T(0), a / b) : std::round(whole);
    }
};
/// One of the two by elements, unrecorded.
template <class F> Tensor divided(const char* op, const Tensor& a, const Tensor& b, const F& f) {
    if (detail::level_of(a, b))
        return detail::batched_map([&](const Tensor& u, const Tensor& v) { return divided(op, u, v, f); }, a, b);
    const DType common = promote(a.dtype(), b.dtype()), d = common == boolean ? i64 : common;
    const Tensor left = a.detach().to(d), right = b.detach().to(d);
    if (is_float(d)) return dispatch_float(d, op, [&]<class T> { return kernel::plain_map<T, T>(op, f, left, right); });
    return dispatch_integer(d, op, [&]<class T> {
        for (std::int64_t i = 0; i < right.numel(); ++i)
            require<std::invalid_argument>(right.raw<T>()[i] != 0, "{}: expected divisors other than 0, got 0", op);
        return detail::plain_map<T, T>(op, f, left, right);
    });
}
}  // namespace
Tensor floor_divide(const Tensor& a, const Tensor& b) { return divided("floor_divide", a, b, quotient_of); }
Tensor mod(const Tensor& a, const Tensor& b) {
    Tensor y = divided("mod", a, b, rest_of);
    if (!is_float(y.dtype())) return y;
    const Tensor left = a.to(y.dtype()), right = b.to(y.dtype());
    return record("mod", std::move(y), wrt(left, pass),
                  wrt(right, [left = left.detach(), right = right.detach()](const Tensor& dy) {
                      return -dy * floor_divide(left, right);
                  }));
}

}  // namespace xg
