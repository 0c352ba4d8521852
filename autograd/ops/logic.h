#pragma once
#include "../../tensor/tensor.h"

namespace xg {

// What is not 0 counts as true.
Tensor logical_and(const Tensor& a, const Tensor& b);
Tensor logical_or(const Tensor& a, const Tensor& b);
Tensor logical_xor(const Tensor& a, const Tensor& b);
Tensor logical_not(const Tensor& x);
inline Tensor operator!(const Tensor& x) { return logical_not(x); }

// Bit by bit; bools are one bit. Floats throw.
Tensor operator&(const Tensor& a, const Tensor& b);
Tensor operator|(const Tensor& a, const Tensor& b);
Tensor operator^(const Tensor& a, const Tensor& b);
Tensor operator~(const Tensor& x);

struct Closeness {
    double rtol = 1e-5, atol = 1e-8;
    bool equal_nan = false;
};
/// Where |a - b| <= atol + rtol |b|; infinities are close to themselves only.
Tensor isclose(const Tensor& a, const Tensor& b, Closeness options = {});
/// Whether isclose() holds everywhere.
bool allclose(const Tensor& a, const Tensor& b, Closeness options = {});
/// Whether both have one shape and the same values; NaN is unequal to everything.
bool array_equal(const Tensor& a, const Tensor& b);

}  // namespace xg
