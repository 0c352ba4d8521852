#pragma once
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include "error.h"

namespace xg {

/// What a tensor's elements are: float32, float64, int32, int64, uint8, bool.
enum class DType : std::uint8_t { f32, f64, i32, i64, u8, boolean };
using enum DType;

constexpr bool is_float(DType d) { return d == f32 || d == f64; }
constexpr std::size_t size_of(DType d) { return d == f32 || d == i32 ? 4 : d == u8 || d == boolean ? 1 : 8; }
/// "float32", ..., as NumPy calls it.
const char* name_of(DType d);
/// The dtype of that name; throws std::invalid_argument if there is none.
DType dtype_from(fmt::string_view name);

template <class T>
concept Number = std::is_arithmetic_v<T>;
template <class T>
concept Element = std::same_as<T, float> || std::same_as<T, double> || std::same_as<T, std::int32_t> ||
    std::same_as<T, std::int64_t> || std::same_as<T, std::uint8_t> || std::same_as<T, bool>;
template <Element T> inline constexpr DType dtype_of = f32;
template <> inline constexpr DType dtype_of<double> = f64;
template <> inline constexpr DType dtype_of<std::int32_t> = i32;
template <> inline constexpr DType dtype_of<std::int64_t> = i64;
template <> inline constexpr DType dtype_of<std::uint8_t> = u8;
template <> inline constexpr DType dtype_of<bool> = boolean;

/// What an operation on both gives: the wider of the two, float before integer (int64 with float32 is float32).
/// Two bools give bool: arithmetic on them counts in int64, see docs/type_rules.md.
constexpr DType promote(DType a, DType b) {
    constexpr int rank[] = {4, 5, 2, 3, 1, 0};
    return rank[int(a)] >= rank[int(b)] ? a : b;
}

/// A number written in the program. It takes the tensor's dtype: only a fraction with an integer tensor gives float32.
class Scalar {
public:
    template <Number N> constexpr Scalar(N value)
        : value_(double(value)), integer_(std::integral<N> ? std::int64_t(value) : 0), integral_(std::integral<N>) {}
    constexpr double value() const { return value_; }
    constexpr bool integral() const { return integral_; }
    /// The number as a T, exact for integers of up to 64 bits.
    template <Element T> constexpr T as() const { return integral_ ? T(integer_) : T(value_); }
    /// The dtype of `tensor op number`.
    DType with(DType tensor) const;

private:
    double value_;
    std::int64_t integer_;
    bool integral_;
};

/// Calls f.operator()<float>() or <double>().
template <class F> decltype(auto) dispatch_float(DType d, const char* op, F&& f) {
    if (d == f32) return f.template operator()<float>();
    if (d != f64) [[unlikely]]
        fail<ShapeError>("{}: expected dtype float32 or float64, got {}", op, name_of(d));
    return f.template operator()<double>();
}
/// Calls f.operator()<T>() for the integers: int32, int64, uint8.
template <class F> decltype(auto) dispatch_integer(DType d, const char* op, F&& f) {
    if (d == i32) return f.template operator()<std::int32_t>();
    if (d == i64) return f.template operator()<std::int64_t>();
    require(d == u8, "{}: expected dtype int32, int64 or uint8, got {}", op, name_of(d));
    return f.template operator()<std::uint8_t>();
}
/// Calls f.operator()<T>() with the element type of `d`.
template <class F> decltype(auto) dispatch(DType d, F&& f) {
    switch (d) {
        case f32:
            return f.template operator()<float>();
        case f64:
            return f.template operator()<double>();
        case i32:
            return f.template operator()<std::int32_t>();
        case i64:
            return f.template operator()<std::int64_t>();
        case u8:
            return f.template operator()<std::uint8_t>();
        default:
            return f.template operator()<bool>();
    }
}

}  // namespace xg
