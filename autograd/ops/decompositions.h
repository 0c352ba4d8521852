#pragma once
#include "../../tensor/tensor.h"

namespace xg {

// Stacks of matrices (..., n, n), one by one; float32 and float64.
/// The x with a x = b, b (..., n, k); leading axes broadcast. Throws if a matrix is singular.
Tensor solve(const Tensor& a, const Tensor& b);
/// Throws if a matrix is singular.
Tensor inv(const Tensor& a);
/// The determinant, (...). Its gradient is right for singular matrices too.
Tensor det(const Tensor& a);
struct SignLogDet {
    Tensor sign, logdet;
};
/// Sign and logarithm of the determinant's absolute value, (...): 0 and -inf if it is 0.
SignLogDet slogdet(const Tensor& a);
// Symmetric matrices: what is decomposed is (a + a^T) / 2.
/// The lower triangular l with l l^T = a. Throws unless a is positive definite.
Tensor cholesky(const Tensor& a);
struct Eigenpairs {
    Tensor values, vectors;
};
/// Ascending eigenvalues (..., n), and eigenvectors as columns (..., n, n). Vectors of equal values have no gradient:
/// it comes out infinite or NaN.
Eigenpairs eigh(const Tensor& a);
Tensor eigvalsh(const Tensor& a);

// Rectangular matrices (..., m, n); k = min(m, n).
struct Qr {
    Tensor q, r;
};
/// q (..., m, k) with orthonormal columns, r (..., k, n) upper triangular with a diagonal >= 0. A gradient needs m >= n
/// and independent columns.
Qr qr(const Tensor& a);
struct Svd {
    Tensor u, s, vt;
};
/// u (..., m, k) and vt (..., k, n) with orthonormal columns and rows, s (..., k) descending: a = u s vt. Vectors of
/// equal or no singular values have no gradient: it comes out infinite or NaN.
Svd svd(const Tensor& a);
Tensor svdvals(const Tensor& a);

}  // namespace xg
