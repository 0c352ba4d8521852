#pragma once
#include <string>
#include <string_view>
#include "../tensor/tensor.h"

namespace xg {

/// An array in the IDX format of MNIST, gzip too: uint8, int32, float32 or float64, its shape as stored. Throws
/// FileError.
Tensor read_idx(const std::string& path);
Tensor parse_idx(std::string_view bytes, const std::string& path);

}  // namespace xg
