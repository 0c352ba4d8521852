#pragma once
#include "../../tensor/tensor.h"

namespace xg::detail {

/// Some elements of a tensor: [i0, i1, ...] is its element offset + i0 * strides[0] + i1 * strides[1] + ...
struct Region {
    Shape shape;
    std::int64_t strides[max_rank] = {}, offset = 0;
    bool window = false;  // contiguous: a view will do

    void axis(std::int64_t extent, std::int64_t stride) {
        strides[shape.rank()] = stride;
        shape.push_back(extent);
    }
};
/// x's elements in the box, recorded as `op`.
Tensor read(const char* op, const Tensor& x, const Region& box);
/// The reverse: y in zeros of `shape`.
Tensor place(const char* op, const Tensor& y, const Shape& shape, const Region& box);

}  // namespace xg::detail
