#pragma once
#include <string>
#include <string_view>
#include "../tensor/tensor.h"

namespace xg {

// Pictures as tensors (height, width, channels), uint8: 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha.

/// Also takes (height, width), and floating values, of which 0 is black and 1 full; what lies beyond is cut. Throws
/// ShapeError for other shapes.
std::string encode_png(const Tensor& picture);
void save_png(const std::string& path, const Tensor& picture);
/// PNG or JPEG, by what is in it; `channels` 1 or 3 (0: as it is). Throws FileError.
Tensor read_image(const std::string& path, int channels = 0);
Tensor decode_image(std::string_view bytes, const std::string& path, int channels = 0);

}  // namespace xg
