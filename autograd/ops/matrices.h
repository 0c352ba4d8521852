#pragma once
// What the decompositions share. For the .cpp files beside it.
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12 finds it in its own AVX-512 headers (GCC bug 105593)
#endif
// Without optimization GCC 12 keeps the __OPTIMIZE__ that a pragma of fmt's defines for a while, if its header comes
// precompiled, and Intel's headers, which Eigen includes, go by it.
#ifdef __NO_INLINE__
#undef __OPTIMIZE__
#endif
#include <eigen3/Eigen/Core>
#include "../../tensor/create.h"
#include "../record.h"
#include "arithmetic.h"
#include "layout.h"

namespace xg::detail::matrices {

// Float32 is decomposed in float64 as well: half as much to compile, and results good to their last bit.
using Matrix = ::Eigen::Matrix<double, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;
using View = ::Eigen::Map<Matrix>;

inline void require_matrices(const char* op, const Tensor& a, bool square) {
    require(a.rank() >= 2 && (!square || a.shape()[a.rank() - 1] == a.shape()[a.rank() - 2]),
            "{}: expected {}, got a {}", op, square ? "square matrices (..., n, n)" : "matrices (..., m, n)",
            a.shape());
}
/// Matrix i of a stack.
inline View matrix(const Tensor& x, std::int64_t i, std::int64_t rows, std::int64_t columns) {
    return View(x.raw<double>() + i * rows * columns, rows, columns);
}
struct Stack {
    std::int64_t count, m, n;
    Shape lead;

    explicit Stack(const Tensor& a)
        : m(a.shape()[a.rank() - 2]), n(a.shape()[a.rank() - 1]), lead(a.shape().begin(), a.shape().end() - 2) {
        count = lead.numel();
    }
    /// A new float64 tensor of as many (rows, columns), or (rows) if columns is -1.
    Tensor of(std::int64_t rows, std::int64_t columns) const {
        Shape shape = lead;
        shape.push_back(rows);
        if (columns >= 0) shape.push_back(columns);
        return Tensor::empty(shape, f64);
    }
};
/// f(matrix, its place in the stack) for all.
template <class F> void each(const Tensor& a, const F& f) {
    const Tensor x = a.detach().to(f64);
    const Stack s(x);
    for (std::int64_t i = 0; i < s.count; ++i) f(matrix(x, i, s.m, s.n), i);
}
inline Tensor transposed(const Tensor& a) { return swapaxes(a, -1, -2); }
inline Tensor symmetric(const Tensor& a) { return 0.5 * (a + transposed(a)); }
/// x where the matrix has a diagonal: (..., n) as (..., 1, n), a factor of columns.
inline Tensor columns_by(const Tensor& x) { return expand_dims(x, -2); }
inline Tensor rows_by(const Tensor& x) { return expand_dims(x, -1); }
inline Tensor on_diagonal(const Tensor& x) { return rows_by(x) * eye(x.shape().back(), -1, x.dtype()); }
/// f(all examples) if a is one of a vmap: matrices of a stack do not know each other.
template <class F> Tensor lifted(const Tensor& a, const F& f) { return batched(a, f); }
/// How vectors turn into one another: m_ij / (w_j - w_i), antisymmetric in m. No number where two values are equal.
inline Tensor rotation(const Tensor& m, const Tensor& w) {
    const Tensor one = eye(w.shape().back(), -1, w.dtype());
    return 0.5 * (m - transposed(m)) * (1 / (columns_by(w) - rows_by(w) + one) - one);
}

}  // namespace xg::detail::matrices
