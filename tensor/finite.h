#pragma once
#include <bit>
#include <limits>
#include <type_traits>
#include "tensor.h"

namespace xg {

/// Whether none of n values is NaN or infinite: their exponent's bits are not all ones. One pass that vectorises.
template <class T> bool all_finite(const T* values, std::int64_t n) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
    constexpr Bits exponent = std::bit_cast<Bits>(std::numeric_limits<T>::infinity());
    Bits bad = 0;
    for (std::int64_t i = 0; i < n; ++i) bad |= Bits((std::bit_cast<Bits>(values[i]) & exponent) == exponent);
    return !bad;
}
inline bool all_finite(const Tensor& x) {
    if (!is_float(x.dtype())) return true;
    return dispatch_float(x.dtype(), "finite", [&]<class T> { return all_finite(x.raw<T>(), x.numel()); });
}

}  // namespace xg
