#pragma once
#include <vector>
#include "../../tensor/tensor.h"

namespace xg {

enum class Indexing { xy, ij };
/// Of vectors the coordinates of all points of their grid, one tensor a vector: with ij the first vector runs along the
/// first axis, with xy, as in NumPy by default, the first two change places.
std::vector<Tensor> meshgrid(const std::vector<Tensor>& xs, Indexing indexing = Indexing::xy);

}  // namespace xg
