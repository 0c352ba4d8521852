#pragma once
#include <string>
#include <vector>
#include "../../tensor/tensor.h"

namespace xg::detail {

/// Where the pixel (x, y) of the result comes from: (a x + b y + c, d x + e y + f).
struct Affine {
    double a, b, c, d, e, f;
};
/// Images (batch, height, width, channels), each seen through its map. Beyond the edges: "constant" is fill_value,
/// "nearest" the edge, "reflect" the image turned over at its edge, "wrap" the image again.
Tensor warp(const Tensor& images, const std::vector<Affine>& maps, const std::string& fill_mode,
            const std::string& interpolation, double fill_value);

}  // namespace xg::detail
