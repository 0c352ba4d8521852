#pragma once
#include "../../tensor/create.h"
#include "../../tensor/tensor.h"

namespace xg {

// NumPy broadcasting throughout. Types as in docs/type_rules.md: the wider of the two, float before integer; a number
// takes the tensor's type. Integer results have no gradient.
Tensor operator+(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& a, const Tensor& b);
Tensor operator*(const Tensor& a, const Tensor& b);
/// True division: integers give float32.
Tensor operator/(const Tensor& a, const Tensor& b);
Tensor operator-(const Tensor& x);
inline Tensor operator+(const Tensor& a, Scalar b) { return a + scalar_like(b, a); }
inline Tensor operator-(const Tensor& a, Scalar b) { return a - scalar_like(b, a); }
inline Tensor operator*(const Tensor& a, Scalar b) { return a * scalar_like(b, a); }
inline Tensor operator/(const Tensor& a, Scalar b) { return a / scalar_like(b, a); }
inline Tensor operator+(Scalar a, const Tensor& b) { return scalar_like(a, b) + b; }
inline Tensor operator-(Scalar a, const Tensor& b) { return scalar_like(a, b) - b; }
inline Tensor operator*(Scalar a, const Tensor& b) { return scalar_like(a, b) * b; }
inline Tensor operator/(Scalar a, const Tensor& b) { return scalar_like(a, b) / b; }

// `a += b` is `a = a + b`: another handle to the old values keeps them.
template <class B> Tensor& operator+=(Tensor& a, const B& b) { return a = a + b; }
template <class B> Tensor& operator-=(Tensor& a, const B& b) { return a = a - b; }
template <class B> Tensor& operator*=(Tensor& a, const B& b) { return a = a * b; }
template <class B> Tensor& operator/=(Tensor& a, const B& b) { return a = a / b; }

/// The larger of the two, NaN if either is; equal ones share the gradient half and half.
Tensor maximum(const Tensor& a, const Tensor& b);
Tensor minimum(const Tensor& a, const Tensor& b);
inline Tensor maximum(const Tensor& a, Scalar b) { return maximum(a, scalar_like(b, a)); }
inline Tensor maximum(Scalar a, const Tensor& b) { return maximum(scalar_like(a, b), b); }
inline Tensor minimum(const Tensor& a, Scalar b) { return minimum(a, scalar_like(b, a)); }
inline Tensor minimum(Scalar a, const Tensor& b) { return minimum(scalar_like(a, b), b); }

/// The quotient rounded down, and what it leaves, which has the divisor's sign: Python's // and %, exact for floats
/// too. An integer divisor of 0 throws.
Tensor floor_divide(const Tensor& a, const Tensor& b);
Tensor mod(const Tensor& a, const Tensor& b);
inline Tensor floor_divide(const Tensor& a, Scalar b) { return floor_divide(a, scalar_like(b, a)); }
inline Tensor mod(const Tensor& a, Scalar b) { return mod(a, scalar_like(b, a)); }

/// sum += x in its own memory, unrecorded; x broadcasts to nothing larger, both of one floating type.
void add_in_place(Tensor& sum, const Tensor& x);

// Comparisons give bool and no gradient; NaN is unequal to everything.
Tensor operator<(const Tensor& a, const Tensor& b);
Tensor operator>(const Tensor& a, const Tensor& b);
Tensor operator<=(const Tensor& a, const Tensor& b);
Tensor operator>=(const Tensor& a, const Tensor& b);
Tensor operator==(const Tensor& a, const Tensor& b);
Tensor operator!=(const Tensor& a, const Tensor& b);
inline Tensor operator<(const Tensor& a, Scalar b) { return a < scalar_beside(b, a); }
inline Tensor operator>(const Tensor& a, Scalar b) { return a > scalar_beside(b, a); }
inline Tensor operator<=(const Tensor& a, Scalar b) { return a <= scalar_beside(b, a); }
inline Tensor operator>=(const Tensor& a, Scalar b) { return a >= scalar_beside(b, a); }
inline Tensor operator==(const Tensor& a, Scalar b) { return a == scalar_beside(b, a); }
inline Tensor operator!=(const Tensor& a, Scalar b) { return a != scalar_beside(b, a); }

/// a where condition is true (or not 0), else b.
Tensor where(const Tensor& condition, const Tensor& a, const Tensor& b);
inline Tensor where(const Tensor& condition, const Tensor& a, Scalar b) {
    return where(condition, a, scalar_like(b, a));
}
inline Tensor where(const Tensor& condition, Scalar a, const Tensor& b) {
    return where(condition, scalar_like(a, b), b);
}

}  // namespace xg
