#pragma once
#include "../../tensor/tensor.h"

namespace xg {

/// What can follow a product in the same pass over memory.
enum class Epilogue : std::uint8_t { identity, relu, sigmoid, tanh };

/// after(x kernel + bias) as one operation. x (..., features), kernel (features, units), bias (units,) or undefined;
/// the result is (..., units).
Tensor affine(const Tensor& x, const Tensor& kernel, const Tensor& bias, Epilogue after = Epilogue::identity);

}  // namespace xg
