#pragma once
// Batch<T>: one SIMD register of T, built on the compiler's vector extension. Plain + - * / come from the compiler;
// the wrapper only adds what a generic lambda needs: mixing with literals (0.5 * x on floats), comparisons and where().
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <type_traits>
#include "../dtype.h"

#if defined(__AVX512F__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define XG_SIMD_BYTES 64
#elif defined(__AVX__)
#define XG_SIMD_BYTES 32
#else
#define XG_SIMD_BYTES 16
#endif

namespace xg {

template <class T> using IntOf = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
template <class T> inline constexpr std::int64_t lanes = XG_SIMD_BYTES / sizeof(T);

#if XG_SIMD_BYTES == 64
namespace detail {
template <class V> void store_masked(float* p, V v, std::uint16_t lanes_wanted) {
    __builtin_ia32_storeups512_mask(p, v, lanes_wanted);
}
template <class V> void store_masked(double* p, V v, std::uint8_t lanes_wanted) {
    __builtin_ia32_storeupd512_mask(p, v, lanes_wanted);
}
}  // namespace detail
#endif

template <class T> struct Mask {
    typedef IntOf<T> Native __attribute__((vector_size(XG_SIMD_BYTES)));
    Native m;
    friend Mask operator&(Mask a, Mask b) { return {a.m & b.m}; }
    friend Mask operator|(Mask a, Mask b) { return {a.m | b.m}; }
    Mask operator!() const { return {~m}; }
    /// For its message: a register has no single answer.
    template <std::same_as<bool> B> explicit operator B() const {
        static_assert(sizeof(B) == 0, "map: expected where(condition, a, b), got if, ?:, && or || on elements");
        return false;
    }
};

template <class T> struct Batch {
    typedef T Native __attribute__((vector_size(XG_SIMD_BYTES)));
    typedef T Loose __attribute__((vector_size(XG_SIMD_BYTES), aligned(alignof(T)), may_alias));
    using Int = typename Mask<T>::Native;
    using value_type = T;
    Native v;

    Batch() = default;
    Batch(Native x) : v(x) {}
    template <Number S> Batch(S x) : v(T(x) - Native{}) {}

    static Batch load(const T* p) { return Batch(Native(*reinterpret_cast<const Loose*>(p))); }
    void store(T* p) const { *reinterpret_cast<Loose*>(p) = v; }

    friend Batch operator+(Batch a, Batch b) { return a.v + b.v; }
    friend Batch operator-(Batch a, Batch b) { return a.v - b.v; }
    friend Batch operator*(Batch a, Batch b) { return a.v * b.v; }
    friend Batch operator/(Batch a, Batch b) { return a.v / b.v; }
    Batch operator-() const { return -v; }
    Batch& operator+=(Batch b) {
        v += b.v;
        return *this;
    }
    Batch& operator-=(Batch b) {
        v -= b.v;
        return *this;
    }
    Batch& operator*=(Batch b) {
        v *= b.v;
        return *this;
    }
    Batch& operator/=(Batch b) {
        v /= b.v;
        return *this;
    }
    friend Mask<T> operator<(Batch a, Batch b) { return {a.v < b.v}; }
    friend Mask<T> operator>(Batch a, Batch b) { return {a.v > b.v}; }
    friend Mask<T> operator<=(Batch a, Batch b) { return {a.v <= b.v}; }
    friend Mask<T> operator>=(Batch a, Batch b) { return {a.v >= b.v}; }
    friend Mask<T> operator==(Batch a, Batch b) { return {a.v == b.v}; }
    friend Mask<T> operator!=(Batch a, Batch b) { return {a.v != b.v}; }

    Int bits() const { return std::bit_cast<Int>(v); }
    static Batch from_bits(Int i) { return std::bit_cast<Native>(i); }
    T lane(int i) const { return v[i]; }
    /// The first n lanes, exactly.
    void store_first(T* p, std::int64_t n) const {
#if XG_SIMD_BYTES == 64 && defined(__BMI2__)
        const auto first = __builtin_ia32_bzhi_si(0xffff, unsigned(n));
        if constexpr (std::is_same_v<T, float>) return detail::store_masked(p, v, std::uint16_t(first));
        else if constexpr (std::is_same_v<T, double>) return detail::store_masked(p, v, std::uint8_t(first));
#endif
        std::memcpy(p, &v, std::size_t(n) * sizeof(T));
    }
};

template <class X> inline constexpr bool is_batch = false;
template <class T> inline constexpr bool is_batch<Batch<T>> = true;

template <class T> Batch<T> where(Mask<T> c, Batch<T> a, Batch<T> b) { return Batch<T>(c.m ? a.v : b.v); }
template <class T, Number S> Batch<T> where(Mask<T> c, Batch<T> a, S b) { return where(c, a, Batch<T>(b)); }
template <class T, Number S> Batch<T> where(Mask<T> c, S a, Batch<T> b) { return where(c, Batch<T>(a), b); }
/// NaN if either is, as NumPy's maximum.
template <class T> Batch<T> maximum(Batch<T> a, Batch<T> b) {
    return Batch<T>(((a.v > b.v) | (a.v != a.v)) ? a.v : b.v);
}
template <class T> Batch<T> minimum(Batch<T> a, Batch<T> b) {
    return Batch<T>(((a.v < b.v) | (a.v != a.v)) ? a.v : b.v);
}
template <std::integral T> T maximum(T a, T b) { return a > b ? a : b; }
template <std::integral T> T minimum(T a, T b) { return a < b ? a : b; }
template <class T, Number S> Batch<T> maximum(Batch<T> a, S b) { return maximum(a, Batch<T>(b)); }
template <class T, Number S> Batch<T> minimum(Batch<T> a, S b) { return minimum(a, Batch<T>(b)); }

/// 0, 1, 2, ... as integers: compared with a count it masks the tail of a row.
template <class T> Mask<T> first_lanes(std::int64_t n) {
    typename Mask<T>::Native iota;
    for (int i = 0; i < lanes<T>; ++i) iota[i] = i;
    return {iota < IntOf<T>(n < lanes<T> ? n : lanes<T>)};
}
template <class T> T sum(Batch<T> x) {
    T s = 0;
    for (int i = 0; i < lanes<T>; ++i) s += x.v[i];
    return s;
}
template <class T> T max_lane(Batch<T> x) {
    T s = x.v[0];
    for (int i = 1; i < lanes<T>; ++i) s = x.v[i] > s ? x.v[i] : s;
    return s;
}

}  // namespace xg
