#include "elementwise.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include "../../tensor/kernels/plain.h"
#include "../logits.h"
#include "../map.h"
#include "arithmetic.h"

namespace xg {

Tensor exp(const Tensor& x) {
    return map(
        "exp", x, [](auto v) { return exp(v); }, rule::of_exp);
}
Tensor expm1(const Tensor& x) {
    return map(
        "expm1", x, [](auto v) { return expm1(v); }, rule::of_expm1);
}
Tensor log(const Tensor& x) {
    return map(
        "log", x, [](auto v) { return log(v); }, rule::of_log);
}
Tensor log1p(const Tensor& x) {
    return map(
        "log1p", x, [](auto v) { return log1p(v); }, rule::of_log1p);
}
Tensor log2(const Tensor& x) {
    return map(
        "log2", [](auto v) { return log(v) * 1.4426950408889634; }, x);
}
Tensor log10(const Tensor& x) {
    return map(
        "log10", [](auto v) { return log(v) * 0.4342944819032518; }, x);
}
Tensor sqrt(const Tensor& x) {
    return map(
        "sqrt", x, [](auto v) { return sqrt(v); }, rule::of_sqrt);
}
Tensor rsqrt(const Tensor& x) {
    return map(
        "rsqrt", [](auto v) { return 1 / sqrt(v); }, x);
}
Tensor square(const Tensor& x) {
    if (!is_float(x.dtype())) return x * x;
    return map(
        "square", [](auto v) { return v * v; }, x);
}
Tensor reciprocal(const Tensor& x) {
    return map(
        "reciprocal", [](auto v) { return 1 / v; }, x);
}
Tensor sin(const Tensor& x) {
    return map(
        "sin", x, [](auto v) { return sin(v); }, rule::of_sin);
}
Tensor cos(const Tensor& x) {
    return map(
        "cos", x, [](auto v) { return cos(v); }, rule::of_cos);
}
Tensor tan(const Tensor& x) {
    return map(
        "tan", [](auto v) { return sin(v) / cos(v); }, x);
}
Tensor arcsin(const Tensor& x) {
    return map(
        "arcsin", x, [](auto v) { return arcsin(v); }, rule::of_arcsin);
}
Tensor arccos(const Tensor& x) {
    return map(
        "arccos", x, [](auto v) { return 2 * arctan2(sqrt(1 - v), sqrt(1 + v)); },  // digits are kept near 1
        [](auto dy, auto v) { return -dy / sqrt((1 - v) * (1 + v)); });
}
Tensor arctan(const Tensor& x) {
    return map(
        "arctan", x, [](auto v) { return arctan(v); }, rule::of_arctan);
}
namespace {
// By halves, so that e^x may overflow where its half does not.
constexpr auto hyperbolic_cosine = [](auto v) {
    const auto h = exp(0.5 * abs(v));
    return 0.5 * h * h + 0.5 / (h * h);
};
constexpr auto hyperbolic_sine = [](auto v) {
    const auto h = exp(0.5 * abs(v)), far = 0.5 * h * h - 0.5 / (h * h), e = expm1(v);
    return where(abs(v) < 1, 0.5 * (e + e / (e + 1)), where(v < 0, -far, far));
};
}  // namespace
Tensor sinh(const Tensor& x) {
    return map("sinh", x, hyperbolic_sine, [](auto dy, auto v) {
        if constexpr (std::same_as<decltype(v), Tensor>) return dy * cosh(v);
        else return dy * hyperbolic_cosine(v);
    });
}
Tensor cosh(const Tensor& x) {
    return map("cosh", x, hyperbolic_cosine, [](auto dy, auto v) {
        if constexpr (std::same_as<decltype(v), Tensor>) return dy * sinh(v);
        else return dy * hyperbolic_sine(v);
    });
}
Tensor tanh(const Tensor& x) {
    return map(
        "tanh", x, [](auto v) { return tanh(v); }, rule::of_tanh);
}
Tensor erf(const Tensor& x) {
    return map(
        "erf", x, [](auto v) { return erf(v); }, rule::of_erf);
}
Tensor abs(const Tensor& x) {
    if (x.dtype() == u8 || x.dtype() == boolean) return x;
    if (!is_float(x.dtype())) return maximum(x, -x);
    return map(
        "abs", x, [](auto v) { return abs(v); }, rule::of_abs);
}
Tensor sigmoid(const Tensor& x) {
    const Tensor p = map(
        "sigmoid", x, [](auto v) { return sigmoid(v); }, rule::of_sigmoid);
    note_logits(x, p, 0);
    return p;
}
Tensor softplus(const Tensor& x) {
    return map(
        "softplus", x, [](auto v) { return softplus(v); }, rule::of_softplus);
}

namespace {
template <class F> Tensor step(const char* op, const Tensor& x, const F& f) {
    return is_float(x.dtype()) ? map(op, x, f, rule::of_flat) : x;
}
}  // namespace
Tensor floor(const Tensor& x) {
    return step("floor", x, [](auto v) { return floor(v); });
}
Tensor ceil(const Tensor& x) {
    return step("ceil", x, [](auto v) { return ceil(v); });
}
Tensor trunc(const Tensor& x) {
    return step("trunc", x, [](auto v) { return trunc(v); });
}
Tensor round(const Tensor& x) {
    return step("round", x, [](auto v) { return round(v); });
}
Tensor sign(const Tensor& x) {
    if (!is_float(x.dtype())) return (x > 0).to(x.dtype()) - (x < 0).to(x.dtype());
    return map(
        "sign", x, [](auto v) { return where(v > 0, 1 + 0 * v, where(v < 0, 0 * v - 1, v)); }, rule::of_flat);
}

Tensor isnan(const Tensor& x) { return x != x; }
Tensor isinf(const Tensor& x) { return is_float(x.dtype()) ? abs(x.detach()) == __builtin_inf() : x != x; }
Tensor isfinite(const Tensor& x) { return is_float(x.dtype()) ? abs(x.detach()) < __builtin_inf() : x == x; }

namespace {
Tensor integer_power(const Tensor& x, const Tensor& y, DType dtype) {
    const Tensor base = x.to(dtype), exponent = y.to(dtype);
    return dispatch_integer(dtype, "pow", [&]<class T> {
        for (std::int64_t i = 0; i < exponent.numel(); ++i)
            require<std::invalid_argument>(exponent.raw<T>()[i] >= 0,
                                           "pow: expected exponents >= 0 for integers, got {}", exponent.raw<T>()[i]);
        return kernel::plain_map<T, T>(
            "pow",
            [](T u, T v) {
                std::uint64_t power = 1;  // wraps as products do
                for (auto factor = std::uint64_t(u); v > 0; v = T(v / 2), factor *= factor)
                    if (v % 2) power *= factor;
                return T(power);
            },
            base, exponent);
    });
}
}  // namespace
Tensor pow(const Tensor& x, const Tensor& y) {
    const DType d = promote(x.dtype(), y.dtype());
    if (!is_float(d)) return integer_power(x, y, d == boolean ? i64 : d);
    return map(
        "pow", x, y, [](auto u, auto v) { return pow(u, v); },
        [](auto dy, auto u, auto v) { return where(v == 0, 0, dy * v * pow(u, v - 1)); },
        [](auto dy, auto u, auto, auto power) { return where(power == 0, 0, dy * power * log(where(u == 0, 1, u))); });
}
Tensor pow(const Tensor& x, Scalar y) { return pow(x, scalar_like(y, x)); }
Tensor pow(Scalar x, const Tensor& y) { return pow(scalar_like(x, y), y); }

Tensor arctan2(const Tensor& y, const Tensor& x) {
    return map(
        "arctan2", y, x, [](auto v, auto u) { return arctan2(v, u); },
        [](auto dy, auto v, auto u) {
            const auto r = u * u + v * v;
            return where(r == 0, 0, dy * u / r);
        },
        [](auto dy, auto v, auto u) {
            const auto r = u * u + v * v;
            return where(r == 0, 0, -dy * v / r);
        });
}
Tensor hypot(const Tensor& x, const Tensor& y) {
    return map(
        "hypot", x, y,
        [](auto u, auto v) {
            const auto a = abs(u), b = abs(v), top = maximum(a, b), low = minimum(a, b),
                       r = where(top == 0, 0, low / top);
            return where(top == __builtin_inf(), top, top * sqrt(1 + r * r));
        },
        [](auto dy, auto u, auto, auto r) { return where(r == 0, 0, dy * u / r); },
        [](auto dy, auto, auto v, auto r) { return where(r == 0, 0, dy * v / r); });
}
Tensor logaddexp(const Tensor& x, const Tensor& y) {
    return map(
        "logaddexp", x, y,
        [](auto u, auto v) {
            const auto top = maximum(u, v);
            return where(u == v, u + 0.6931471805599453, top + log1p(exp(minimum(u, v) - top)));
        },
        [](auto dy, auto u, auto v) { return where(u == v, 0.5 * dy, dy * sigmoid(u - v)); },
        [](auto dy, auto u, auto v) { return where(u == v, 0.5 * dy, dy * sigmoid(v - u)); });
}

Tensor clip(const Tensor& x, double low, double high) {
    require<std::invalid_argument>(low <= high, "clip: expected low <= high, got {} and {}", low, high);
    if (!is_float(x.dtype())) {
        // Bounds beyond what the dtype holds bind nothing, or everything at the dtype's own end.
        const DType d = x.dtype() == boolean ? i64 : x.dtype();
        return dispatch_integer(d, "clip", [&]<class T> {
            constexpr T least = std::numeric_limits<T>::min(), most = std::numeric_limits<T>::max();
            const auto held = [&](double bound) {
                return bound <= double(least) ? least : bound >= double(most) ? most : T(bound);
            };
            return minimum(maximum(x, held(std::ceil(low))), held(std::floor(high)));
        });
    }
    return map(
        "clip", x, [=](auto v) { return minimum(maximum(v, low), high); },
        [=](auto dy, auto v) { return where(v < low, 0, where(v > high, 0, dy)); });
}

}  // namespace xg
