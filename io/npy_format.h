#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>
#include "../tensor/tensor.h"

namespace xg {

// An array in NumPy's format, in memory; `path` is for errors.
Tensor parse_npy(std::string_view bytes, const std::string& path);
std::string format_npy(const Tensor& x);
std::vector<std::pair<std::string, Tensor>> parse_npz(std::string_view bytes, const std::string& path);

}  // namespace xg
