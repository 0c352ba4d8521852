#pragma once
#include <string>
#include <string_view>
#include "../tensor/tensor.h"

namespace xg {

// An array in NumPy's format, in memory; `path` is for errors.
Tensor parse_npy(std::string_view bytes, const std::string& path);
std::string format_npy(const Tensor& x);

}  // namespace xg
