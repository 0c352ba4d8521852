#pragma once
// Branch-free elementary functions on batches, written once for float and double.
#include <cmath>
#include "batch.h"

namespace xg {

template <class T> Batch<T> abs(Batch<T> x) {
    return Batch<T>::from_bits(x.bits() & ~std::bit_cast<IntOf<T>>(T(-0.0)));
}
template <class T> Batch<T> sqrt(Batch<T> x) {
#if defined(__GNUC__) && !defined(__clang__) && XG_SIMD_BYTES == 64
    if constexpr (sizeof(T) == 4) return Batch<T>(__builtin_ia32_sqrtps512_mask(x.v, x.v, -1, 4));
    else return Batch<T>(__builtin_ia32_sqrtpd512_mask(x.v, x.v, -1, 4));
#elif defined(__GNUC__) && !defined(__clang__) && XG_SIMD_BYTES == 32
    if constexpr (sizeof(T) == 4) return Batch<T>(__builtin_ia32_sqrtps256(x.v));
    else return Batch<T>(__builtin_ia32_sqrtpd256(x.v));
#else
    for (int i = 0; i < lanes<T>; ++i) x.v[i] = sizeof(T) == 4 ? __builtin_sqrtf(x.v[i]) : __builtin_sqrt(x.v[i]);
    return x;
#endif
}

namespace detail {
/// Keeps NaN: every comparison with it is false, so it passes through maximum and minimum.
template <class T> Batch<T> clamp(Batch<T> x, double lo, double hi) {
    return minimum(Batch<T>(hi), maximum(Batch<T>(lo), x));
}

/// Horner's scheme, highest power first.
template <class T, class... C> Batch<T> poly(Batch<T> x, double first, C... rest) {
    Batch<T> r(first);
    ((r = r * x + Batch<T>(rest)), ...);
    return r;
}
template <class T> struct Float;
template <> struct Float<float> {
    static constexpr int mantissa = 23, bias = 127;
    static constexpr double magic = 12582912.0;
};
template <> struct Float<double> {
    static constexpr int mantissa = 52, bias = 1023;
    static constexpr double magic = 6755399441055744.0;
};
}  // namespace detail

/// e^x = 2^n e^r with |r| <= ln(2)/2; 2^n is applied in two halves so that the ends underflow and overflow properly.
template <class T> Batch<T> exp(Batch<T> x) {
    using F = detail::Float<T>;
    constexpr bool f32 = sizeof(T) == 4;
    x = detail::clamp(x, f32 ? -104 : -746, f32 ? 89 : 710);
    const Batch<T> shifted = x * 1.4426950408889634 + F::magic;  // n now sits in the low mantissa bits
    const Batch<T> n = shifted - F::magic;
    const Batch<T> r =
        f32 ? (x - n * 0.693359375) - n * -2.12194440e-4 : (x - n * 0.693145751953125) - n * 1.42860682030941723212e-6;
    Batch<T> e;
    if constexpr (f32)
        e = detail::poly(r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1,
                         5.0000001201e-1) *
                (r * r) +
            r + 1;
    else
        e = detail::poly(r, 1. / 6227020800, 1. / 479001600, 1. / 39916800, 1. / 3628800, 1. / 362880, 1. / 40320,
                         1. / 5040, 1. / 720, 1. / 120, 1. / 24, 1. / 6, 0.5) *
                (r * r) +
            r + 1;
#if XG_SIMD_BYTES == 64 && defined(__GNUC__) && !defined(__clang__)
    if constexpr (f32) return Batch<T>(__builtin_ia32_scalefps512_mask(e.v, n.v, e.v, -1, 4));
    else return Batch<T>(__builtin_ia32_scalefpd512_mask(e.v, n.v, e.v, -1, 4));
#else
    const auto k = shifted.bits() - std::bit_cast<IntOf<T>>(T(F::magic));
    const auto half = k >> 1;
    const auto power = [](auto i) { return Batch<T>::from_bits((i + F::bias) << F::mantissa); };
    return e * power(half) * power(k - half);
#endif
}

/// Natural logarithm (the classical s = f/(2+f) series); log(0) = -inf, negative arguments give NaN.
template <class T> Batch<T> log(Batch<T> x) {
    using F = detail::Float<T>;
    const Batch<T> input = x;
    constexpr T tiny = sizeof(T) == 4 ? T(1.17549435e-38) : T(2.2250738585072014e-308);
    constexpr T lift = sizeof(T) == 4 ? T(16777216.0) : T(18014398509481984.0);  // 2^24, 2^54
    const auto small = x < tiny;
    x = where(small, x * lift, x);
    constexpr IntOf<T> sqrt_half = std::bit_cast<IntOf<T>>(T(0.70710678118654752));
    const auto i = x.bits() - sqrt_half;
    const auto k = i >> F::mantissa;
    const Batch<T> m = Batch<T>::from_bits((i & ((IntOf<T>(1) << F::mantissa) - 1)) + sqrt_half);
    Batch<T> n = Batch<T>(__builtin_convertvector(k, typename Batch<T>::Native));
    n = where(small, n - (sizeof(T) == 4 ? 24 : 54), n);
    const Batch<T> f = m - 1, s = f / (f + 2), z = s * s, h = 0.5 * f * f;
    Batch<T> r;
    if constexpr (sizeof(T) == 4) r = z * detail::poly(z, 0.24279078841, 0.28498786688, 0.40000972152, 0.66666662693);
    else
        r = z * detail::poly(z, 1.479819860511658591e-01, 1.531383769920937332e-01, 1.818357216161805012e-01,
                             2.222219843214978396e-01, 2.857142874366239149e-01, 3.999999999940941908e-01,
                             6.666666666666735130e-01);
    const Batch<T> y = n * 0.693147180369123816490 - ((h - (s * (h + r) + n * 1.90821492927058770002e-10)) - f);
    const T inf = T(__builtin_inf());
    return where(input > 0, where(input < inf, y, input),
                 where(input == 0, Batch<T>(-inf), Batch<T>(T(__builtin_nan("")))));
}

template <class T> Batch<T> tanh(Batch<T> x) {
    if constexpr (sizeof(T) == 4) {
        const Batch<T> c = detail::clamp(x, -9, 9), z = c * c;
        const Batch<T> p =
            c * detail::poly(z, -2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11,
                             5.12229709037114e-08, 1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03);
        const Batch<T> q =
            detail::poly(z, 1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03);
        return p / q;
    } else {
        // |x| < 0.9: the continued fraction x/(1 + x^2/(3 + ...)) cut at order 9; else (e^2|x| - 1)/(e^2|x| + 1).
        const Batch<T> z = x * x, a = abs(x), e = exp(2 * detail::clamp(a, 0, 20));
        const auto near = a < 0.9;
        const Batch<T> p = x * detail::poly(z, 1, 990, 135135, 4729725, 34459425);
        const Batch<T> q = detail::poly(z, 45, 13860, 945945, 16216200, 34459425);
        return where(near, p, where(x < 0, 1 - e, e - 1)) / where(near, q, e + 1);
    }
}
template <class T> Batch<T> sigmoid(Batch<T> x) { return 1 / (1 + exp(-x)); }
template <class T> Batch<T> relu(Batch<T> x) { return maximum(x, 0); }

namespace detail {
/// One lane after another through the C library: correct to its last bit, and good enough off the hot paths.
template <class T, class F> Batch<T> by_lane(Batch<T> x, const F& f) {
    for (int i = 0; i < lanes<T>; ++i) x.v[i] = f(x.v[i]);
    return x;
}
template <class T, class F> Batch<T> by_lane(Batch<T> x, Batch<T> y, const F& f) {
    for (int i = 0; i < lanes<T>; ++i) x.v[i] = f(x.v[i], y.v[i]);
    return x;
}
}  // namespace detail
template <class T> Batch<T> floor(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::floor(v); });
}
template <class T> Batch<T> ceil(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::ceil(v); });
}
template <class T> Batch<T> trunc(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::trunc(v); });
}
/// Halves go to the even neighbour.
template <class T> Batch<T> round(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::nearbyint(v); });
}
namespace detail {
/// sin(x + quarters pi / 2): x = n pi/2 + r with |r| <= pi/4, pi/2 taken in three parts (Cody & Waite), then Cephes'
/// polynomials for float, fdlibm's for double. Beyond what the three parts hold, the C library.
template <class T> Batch<T> sine(Batch<T> x, int quarters) {
    constexpr bool f32 = sizeof(T) == 4;
    using F = Float<T>;
    const Batch<T> shifted = x * 0.63661977236758134 + F::magic, n = shifted - F::magic;
    const Batch<T> r =
        f32 ? ((x - n * 1.5703125) - n * 4.837512969970703125e-4) - n * 7.54978995489188216e-8
            : ((x - n * 1.57079632673412561417) - n * 6.07710050630396597660e-11) - n * 2.02226624871116645580e-21;
    const Batch<T> z = r * r, half = 0.5 * z, w = 1 - half;
    Batch<T> s, c;
    if constexpr (f32) {
        s = r + r * z * poly(z, -1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1);
        c = w + (((1 - w) - half) + z * z * poly(z, 2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2));
    } else {
        s = r + r * z *
                    poly(z, 1.58969099521155010221e-10, -2.50507602534068634195e-08, 2.75573137070700676789e-06,
                         -1.98412698298579493134e-04, 8.33333333332248946124e-03, -1.66666666666666324348e-01);
        c = w + (((1 - w) - half) + z * z *
                                        poly(z, -1.13596475577881948265e-11, 2.08757232129817482790e-09,
                                             -2.75573143513906633035e-07, 2.48015872894767294178e-05,
                                             -1.38888888888741095749e-03, 4.16666666666666019037e-02));
    }
    const auto k = shifted.bits() - std::bit_cast<IntOf<T>>(T(F::magic)) + quarters;
    s = where(z == 0, r, s);  // -0 stays -0
    const Batch<T> unsigned_y = where(Mask<T>{(k & 1) != 0}, c, s);
    Batch<T> y = Batch<T>::from_bits(unsigned_y.bits() ^ ((k & 2) << (sizeof(T) * 8 - 2)));
    // Lane by lane, as lanes behind the end of a row may hold anything and must not change the others.
    const Batch<T> far = where(abs(x) <= (f32 ? 8192 : 1e6), Batch<T>(T(0)), Batch<T>(T(1)));
    if (max_lane(far) > 0) [[unlikely]]
        for (int i = 0; i < lanes<T>; ++i)
            if (far.v[i] > 0) y.v[i] = quarters ? std::cos(x.v[i]) : std::sin(x.v[i]);
    return y;
}
}  // namespace detail
template <class T> Batch<T> sin(Batch<T> x) { return detail::sine(x, 0); }
template <class T> Batch<T> cos(Batch<T> x) { return detail::sine(x, 1); }
template <class T> Batch<T> arctan(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::atan(v); });
}
template <class T> Batch<T> arcsin(Batch<T> x) {
    return detail::by_lane(x, [](T v) { return std::asin(v); });
}
template <class T> Batch<T> erf(Batch<T> x) {
    if constexpr (sizeof(T) == 4) {
        // A rational function of odd order 13 over 8 on [-4, 4]; beyond, the next float is 1.
        const Batch<T> c = detail::clamp(x, -4, 4), z = c * c;
        return c *
               detail::poly(z, -2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06,
                            -5.69250639462346e-05, -7.34990630326855e-04, -2.95459980854025e-03,
                            -1.60960333262415e-02) /
               detail::poly(z, -1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03,
                            -7.37332916720468e-03, -1.42647390514189e-02);
    } else return detail::by_lane(x, [](T v) { return std::erf(v); });
}
template <class T> Batch<T> arctan2(Batch<T> y, Batch<T> x) {
    return detail::by_lane(y, x, [](T a, T b) { return std::atan2(a, b); });
}
template <class T> Batch<T> pow(Batch<T> x, Batch<T> y) {
    return detail::by_lane(x, y, [](T a, T b) { return std::pow(a, b); });
}
/// log(1 + x), exact for small x: what 1 + x rounds away is put back.
template <class T> Batch<T> log1p(Batch<T> x) {
    const Batch<T> u = 1 + x;
    return where(u == 1, x, where((u > 0) & (u < T(__builtin_inf())), log(u) - ((u - 1) - x) / u, log(u)));
}
/// e^x - 1, exact for small x: through tanh(x / 2), which is.
template <class T> Batch<T> expm1(Batch<T> x) {
    const Batch<T> t = tanh(0.5 * detail::clamp(x, -1, 1));
    return where(abs(x) < 1, 2 * t / (1 - t), exp(x) - 1);
}
/// log(1 + e^x) without overflow.
template <class T> Batch<T> softplus(Batch<T> x) { return maximum(x, 0) + log1p(exp(-abs(x))); }

}  // namespace xg
