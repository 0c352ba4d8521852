#pragma once
#include <string>
#include "../../tensor/tensor.h"

namespace xg {

/// Sums of products named by letters, as NumPy's: "ij,jk->ik", "...i,i->...", "ii->i". Without "->" the letters that
/// occur once are left, in alphabetical order. Several operands are taken from the left.
Tensor einsum(const std::string& equation, const Tensors& operands);
template <std::same_as<Tensor>... More>
Tensor einsum(const std::string& equation, const Tensor& a, const More&... more) {
    return einsum(equation, Tensors{a, more...});
}

}  // namespace xg
