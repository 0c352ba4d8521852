#pragma once
#include "../../tensor/tensor.h"

namespace xg {

// Functions of each element; integers give float32, but abs, square and pow stay exact.
/// e^x.
Tensor exp(const Tensor& x);
/// e^x - 1, exact for small x.
Tensor expm1(const Tensor& x);
/// Natural logarithm.
Tensor log(const Tensor& x);
/// log(1 + x), exact for small x.
Tensor log1p(const Tensor& x);
Tensor log2(const Tensor& x);
Tensor log10(const Tensor& x);
/// Its gradient at 0 is infinite; see norm() for one that is not.
Tensor sqrt(const Tensor& x);
/// 1 / sqrt(x).
Tensor rsqrt(const Tensor& x);
Tensor square(const Tensor& x);
/// 1 / x.
Tensor reciprocal(const Tensor& x);
Tensor sin(const Tensor& x);
Tensor cos(const Tensor& x);
Tensor tan(const Tensor& x);
Tensor arcsin(const Tensor& x);
Tensor arccos(const Tensor& x);
Tensor arctan(const Tensor& x);
Tensor sinh(const Tensor& x);
Tensor cosh(const Tensor& x);
Tensor tanh(const Tensor& x);
/// The error function.
Tensor erf(const Tensor& x);
/// Its gradient at 0 is 0.
Tensor abs(const Tensor& x);
/// 1 / (1 + e^-x).
Tensor sigmoid(const Tensor& x);
/// log(1 + e^x) without overflow.
Tensor softplus(const Tensor& x);

// Steps: their gradient is 0. Integers stay as they are.
Tensor floor(const Tensor& x);
Tensor ceil(const Tensor& x);
Tensor trunc(const Tensor& x);
/// Halves go to the even neighbour.
Tensor round(const Tensor& x);
/// -1, 0 or 1; NaN stays.
Tensor sign(const Tensor& x);

// Bools.
Tensor isnan(const Tensor& x);
Tensor isinf(const Tensor& x);
Tensor isfinite(const Tensor& x);

/// x^y. The gradient to the exponent is 0 where x is 0. Integers throw for an exponent below 0.
Tensor pow(const Tensor& x, const Tensor& y);
Tensor pow(const Tensor& x, Scalar y);
Tensor pow(Scalar x, const Tensor& y);
/// The angle of the point (x, y); its gradient at the origin is 0.
Tensor arctan2(const Tensor& y, const Tensor& x);
/// sqrt(x^2 + y^2); its gradient at the origin is 0.
Tensor hypot(const Tensor& x, const Tensor& y);
/// log(e^x + e^y) without overflow.
Tensor logaddexp(const Tensor& x, const Tensor& y);
/// x, but not below `low` nor above `high`; at the ends the gradient still passes.
Tensor clip(const Tensor& x, double low, double high);

}  // namespace xg
