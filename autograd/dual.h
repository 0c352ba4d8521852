#pragma once
// The derivative of each elementary function, written once (namespace rule). It serves the recorded operation on
// tensors, its fused SIMD backward pass, and dual numbers, through which the compiler differentiates user lambdas.
#include <utility>
#include "trace.h"

namespace xg {

namespace rule {  // (dy, x, y) -> dx
inline constexpr auto of_tanh = [](auto dy, auto, auto y) { return dy * (1 - y * y); };
inline constexpr auto of_exp = [](auto dy, auto, auto y) { return dy * y; };
inline constexpr auto of_log = [](auto dy, auto x) { return dy / x; };
inline constexpr auto of_sqrt = [](auto dy, auto, auto y) { return 0.5 * dy / y; };
inline constexpr auto of_sigmoid = [](auto dy, auto, auto y) { return dy * (y * (1 - y)); };
inline constexpr auto of_relu = [](auto dy, auto, auto y) { return where(y > 0, dy, 0); };
inline constexpr auto of_abs = [](auto dy, auto x) { return where(x > 0, dy, where(x < 0, -dy, 0 * dy)); };
inline constexpr auto of_sin = [](auto dy, auto x) { return dy * cos(x); };
inline constexpr auto of_cos = [](auto dy, auto x) { return -dy * sin(x); };
inline constexpr auto of_arctan = [](auto dy, auto x) { return dy / (1 + x * x); };
inline constexpr auto of_arcsin = [](auto dy, auto x) { return dy / sqrt(1 - x * x); };
inline constexpr auto of_erf = [](auto dy, auto x) { return dy * 1.1283791670955126 * exp(-(x * x)); };
inline constexpr auto of_log1p = [](auto dy, auto x) { return dy / (1 + x); };
inline constexpr auto of_expm1 = [](auto dy, auto, auto y) { return dy * (y + 1); };
inline constexpr auto of_softplus = [](auto dy, auto x) { return dy * sigmoid(x); };
inline constexpr auto of_flat = [](auto dy) { return 0 * dy; };  // of steps
}  // namespace rule

/// Calls rule(dy, xs..., y), rule(dy, xs...) or rule(dy), whichever it accepts.
template <class R, class Dy, class Y, class... Xs>
auto apply_rule(const R& rule, const Dy& dy, const Y& y, const Xs&... xs) {
    if constexpr (std::is_invocable_v<const R&, Dy, Xs..., Y>) return rule(dy, xs..., y);
    else if constexpr (std::is_invocable_v<const R&, Dy, Xs...>) return rule(dy, xs...);
    else return rule(dy);
}

/// A value and its derivative along one direction.
template <class V, class D> struct Dual {
    V v;
    D d;
};
template <class V, class D> Dual(V, D) -> Dual<V, D>;

template <class X> inline constexpr bool is_dual = false;
template <class V, class D> inline constexpr bool is_dual<Dual<V, D>> = true;

// What stays constant is an ordinary value: no derivative is carried for it, so none is multiplied by zero.
template <class X> const auto& value_of(const X& x) {
    if constexpr (is_dual<X>) return x.v;
    else return x;
}
template <class A, class B>
concept AnyDual = is_dual<A> || is_dual<B>;

template <class V, class D> auto operator-(const Dual<V, D>& a) { return Dual{-a.v, -a.d}; }
template <class A, class B>
requires AnyDual<A, B>
auto operator+(const A& a, const B& b) {
    if constexpr (!is_dual<B>) return Dual{a.v + b, a.d};
    else if constexpr (!is_dual<A>) return Dual{a + b.v, b.d};
    else return Dual{a.v + b.v, a.d + b.d};
}
template <class A, class B>
requires AnyDual<A, B>
auto operator-(const A& a, const B& b) {
    if constexpr (!is_dual<B>) return Dual{a.v - b, a.d};
    else if constexpr (!is_dual<A>) return Dual{a - b.v, -b.d};
    else return Dual{a.v - b.v, a.d - b.d};
}
template <class A, class B>
requires AnyDual<A, B>
auto operator*(const A& a, const B& b) {
    if constexpr (!is_dual<B>) return Dual{a.v * b, a.d * b};
    else if constexpr (!is_dual<A>) return Dual{a * b.v, a * b.d};
    else return Dual{a.v * b.v, a.d * b.v + a.v * b.d};
}
template <class A, class B>
requires AnyDual<A, B>
auto operator/(const A& a, const B& b) {
    if constexpr (!is_dual<B>) return Dual{a.v / b, a.d / b};
    else {
        const auto y = value_of(a) / b.v;
        if constexpr (!is_dual<A>) return Dual{y, -y * b.d / b.v};
        else return Dual{y, (a.d - y * b.d) / b.v};
    }
}
template <class A, class B>
requires AnyDual<A, B>
auto operator<(const A& a, const B& b) { return value_of(a) < value_of(b); }
template <class A, class B>
requires AnyDual<A, B>
auto operator>(const A& a, const B& b) { return value_of(a) > value_of(b); }
template <class A, class B>
requires AnyDual<A, B>
auto operator<=(const A& a, const B& b) { return value_of(a) <= value_of(b); }
template <class A, class B>
requires AnyDual<A, B>
auto operator>=(const A& a, const B& b) { return value_of(a) >= value_of(b); }
template <class A, class B>
requires AnyDual<A, B>
auto operator==(const A& a, const B& b) { return value_of(a) == value_of(b); }
template <class A, class B>
requires AnyDual<A, B>
auto operator!=(const A& a, const B& b) { return value_of(a) != value_of(b); }
template <class C, class A, class B>
requires AnyDual<A, B>
auto where(const C& c, const A& a, const B& b) {
    const auto v = where(c, value_of(a), value_of(b));
    if constexpr (!is_dual<B>) return Dual{v, where(c, a.d, 0)};
    else if constexpr (!is_dual<A>) return Dual{v, where(c, 0, b.d)};
    else return Dual{v, where(c, a.d, b.d)};
}
template <class A, class B>
requires AnyDual<A, B>
auto maximum(const A& a, const B& b) { return where(value_of(a) > value_of(b), a, b); }
template <class A, class B>
requires AnyDual<A, B>
auto minimum(const A& a, const B& b) { return where(value_of(a) < value_of(b), a, b); }

template <class X>
concept Lifted = is_dual<X> || is_trace<X>;
namespace detail {
template <class V, class D, class F, class R> auto lift(const Dual<V, D>& x, F f, const R& rule) {
    const auto y = f(x.v);
    return Dual{y, apply_rule(rule, x.d, y, x.v)};
}
template <unsigned a, bool u, class F, class R> Trace<a> lift(Trace<a, u>, F, const R&) { return {}; }
}  // namespace detail
template <Lifted X> auto tanh(const X& x) {
    return detail::lift(
        x, [](auto v) { return tanh(v); }, rule::of_tanh);
}
template <Lifted X> auto exp(const X& x) {
    return detail::lift(
        x, [](auto v) { return exp(v); }, rule::of_exp);
}
template <Lifted X> auto log(const X& x) {
    return detail::lift(
        x, [](auto v) { return log(v); }, rule::of_log);
}
template <Lifted X> auto sqrt(const X& x) {
    return detail::lift(
        x, [](auto v) { return sqrt(v); }, rule::of_sqrt);
}
template <Lifted X> auto sigmoid(const X& x) {
    return detail::lift(
        x, [](auto v) { return sigmoid(v); }, rule::of_sigmoid);
}
template <Lifted X> auto relu(const X& x) {
    return detail::lift(
        x, [](auto v) { return relu(v); }, rule::of_relu);
}
template <Lifted X> auto abs(const X& x) {
    return detail::lift(
        x, [](auto v) { return abs(v); }, rule::of_abs);
}

template <Lifted X> auto sin(const X& x) {
    return detail::lift(
        x, [](auto v) { return sin(v); }, rule::of_sin);
}
template <Lifted X> auto cos(const X& x) {
    return detail::lift(
        x, [](auto v) { return cos(v); }, rule::of_cos);
}
template <Lifted X> auto arctan(const X& x) {
    return detail::lift(
        x, [](auto v) { return arctan(v); }, rule::of_arctan);
}
template <Lifted X> auto arcsin(const X& x) {
    return detail::lift(
        x, [](auto v) { return arcsin(v); }, rule::of_arcsin);
}
template <Lifted X> auto erf(const X& x) {
    return detail::lift(
        x, [](auto v) { return erf(v); }, rule::of_erf);
}
template <Lifted X> auto log1p(const X& x) {
    return detail::lift(
        x, [](auto v) { return log1p(v); }, rule::of_log1p);
}
template <Lifted X> auto expm1(const X& x) {
    return detail::lift(
        x, [](auto v) { return expm1(v); }, rule::of_expm1);
}
template <Lifted X> auto softplus(const X& x) {
    return detail::lift(
        x, [](auto v) { return softplus(v); }, rule::of_softplus);
}
template <Lifted X> auto floor(const X& x) {
    return detail::lift(
        x, [](auto v) { return floor(v); }, rule::of_flat);
}
template <Lifted X> auto ceil(const X& x) {
    return detail::lift(
        x, [](auto v) { return ceil(v); }, rule::of_flat);
}
template <Lifted X> auto round(const X& x) {
    return detail::lift(
        x, [](auto v) { return round(v); }, rule::of_flat);
}
template <Lifted X> auto trunc(const X& x) {
    return detail::lift(
        x, [](auto v) { return trunc(v); }, rule::of_flat);
}
/// The gradient rule of f(x0, ..., x(n-1)) with respect to x(i): f run on a dual number seeded with dy.
template <class F, int i, int n> struct DualRule {
    [[no_unique_address]] F f;

    template <class Dy, class... Xs>
    requires(sizeof...(Xs) == n) auto operator()(const Dy& dy, const Xs&... xs) const {
        return call(dy, std::make_integer_sequence<int, n>{}, xs...);
    }

private:
    template <class Dy, int... k, class... Xs>
    auto call(const Dy& dy, std::integer_sequence<int, k...>, const Xs&... xs) const {
        const auto y = f(seed<k>(dy, xs)...);
        if constexpr (is_dual<std::remove_cvref_t<decltype(y)>>) return y.d;
        else return 0 * dy;
    }
    template <int k, class Dy, class X> static auto seed(const Dy& dy, const X& x) {
        if constexpr (k == i) return Dual<X, Dy>{x, dy};
        else return x;
    }
};

}  // namespace xg
