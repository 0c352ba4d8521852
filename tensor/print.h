#pragma once
#include <concepts>
#include <iosfwd>
#include <string>
#include "tensor.h"

namespace xg {

/// The values as NumPy's print shows them: 8 digits, lines of 75 columns, beyond 1000 elements only three at each end.
std::string to_string(const Tensor& x);
std::ostream& operator<<(std::ostream& out, const Tensor& x);

}  // namespace xg

template <> struct fmt::formatter<xg::Tensor> {
    constexpr auto parse(fmt::format_parse_context& context) { return context.begin(); }
    fmt::format_context::iterator format(const xg::Tensor& x, fmt::format_context& context) const;
};
template <std::derived_from<xg::Tensor> T> struct fmt::formatter<T> : fmt::formatter<xg::Tensor> {};
