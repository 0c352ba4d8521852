#include "decompositions.h"
#include <eigen3/Eigen/Cholesky>
#include <eigen3/Eigen/Eigenvalues>
#include <eigen3/Eigen/LU>
#include <eigen3/Eigen/QR>
#include <eigen3/Eigen/SVD>
#include <algorithm>
#include <cmath>
#include "../../tensor/create.h"
#include "../record.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "linear_algebra.h"
#include "reduction.h"

namespace xg {

namespace {
// Float32 is decomposed in float64 as well: half as much to compile, and results good to their last bit.
using Matrix = ::Eigen::Matrix<double, ::Eigen::Dynamic, ::Eigen::Dynamic, ::Eigen::RowMajor>;
using View = ::Eigen::Map<Matrix>;

Tensor as_float(const Tensor& a) { return is_float(a.dtype()) ? a : a.to(f32); }
void require_matrices(const char* op, const Tensor& a, bool square) {
    require(a.rank() >= 2 && (!square || a.shape()[a.rank() - 1] == a.shape()[a.rank() - 2]),
            "{}: expected {}, got a {}", op, square ? "square matrices (..., n, n)" : "matrices (..., m, n)",
            a.shape());
}
/// Matrix i of a stack.
View matrix(const Tensor& x, std::int64_t i, std::int64_t rows, std::int64_t columns) {
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
template <class LU> void require_regular(const char* op, const LU& lu, std::int64_t i) {
    const bool regular = (lu.matrixLU().diagonal().array() != 0).all();
    require<std::invalid_argument>(regular, "{}: expected matrices with an inverse, got a singular one at {}", op, i);
}

Tensor transposed(const Tensor& a) { return swapaxes(a, -1, -2); }
Tensor symmetric(const Tensor& a) { return 0.5 * (a + transposed(a)); }
/// x where the matrix has a diagonal: (..., n) as (..., 1, n), a factor of columns.
Tensor columns_by(const Tensor& x) { return expand_dims(x, -2); }
Tensor rows_by(const Tensor& x) { return expand_dims(x, -1); }
Tensor on_diagonal(const Tensor& x) { return rows_by(x) * eye(x.shape().back(), -1, x.dtype()); }
/// f(all examples) if a is one of a vmap: matrices of a stack do not know each other.
template <class F> Tensor lifted(const Tensor& a, const F& f) { return detail::batched(a, f); }
}  // namespace

Tensor solve(const Tensor& left, const Tensor& right) {
    const DType dtype = promote(promote(left.dtype(), right.dtype()), f32);
    Tensor a = left.to(dtype), b = right.to(dtype);
    require_matrices("solve", a, true);
    require(b.rank() >= 2 && b.shape()[b.rank() - 2] == a.shape().back(),
            "solve: expected b (..., n, k) for a (..., n, n), got a {} and b {}", a.shape(), b.shape());
    if (detail::level_of(a, b))
        return detail::batched_map([](const Tensor& x, const Tensor& y) { return solve(x, y); }, a, b);
    const auto with_lead = [](const Tensor& x, Shape lead) {
        lead.push_back(x.shape()[x.rank() - 2]);
        lead.push_back(x.shape().back());
        return lead == x.shape() ? x : broadcast_to(x, lead);
    };
    const Shape lead = broadcast(Stack(a).lead, Stack(b).lead, "solve");
    a = with_lead(a, lead), b = with_lead(b, lead);
    const auto value = [&] {
        const Tensor x = Tensor::empty(b.shape(), f64), right_side = b.detach().to(f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            const auto n = each_a.rows(), k = b.shape().back();
            const ::Eigen::PartialPivLU<Matrix> lu(each_a);
            require_regular("solve", lu, i);
            matrix(x, i, n, k) = lu.solve(matrix(right_side, i, n, k));
        });
        return x.to(dtype);
    };
    return record(
        "solve", value,
        wrt(a, [a = Saved(a)](const Tensor& dy,
                              const Tensor& y) { return -matmul(solve(transposed(a), dy), y, {.transpose_b = true}); }),
        wrt(b, [a = Saved(a)](const Tensor& dy) { return solve(transposed(a), dy); }));
}
Tensor inv(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("inv", a, true);
    if (detail::is_batched(a)) return lifted(a, inv);
    const auto value = [&] {
        const Tensor y = Tensor::empty(a.shape(), f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            const ::Eigen::PartialPivLU<Matrix> lu(each_a);
            require_regular("inv", lu, i);
            matrix(y, i, each_a.rows(), each_a.rows()) = lu.inverse();
        });
        return y.to(a.dtype());
    };
    return record("inv", value, wrt(a, [](const Tensor& dy, const Tensor& y) {
                      return -matmul(matmul(y, dy, {.transpose_a = true}), y, {.transpose_b = true});
                  }));
}

namespace {
/// The derivative of det: det(a) a^-T, and what it tends to where a is singular, by the singular values.
Tensor cofactors(const Tensor& a) {
    if (detail::is_batched(a)) return lifted(a, cofactors);
    const auto value = [&] {
        const Tensor y = Tensor::empty(a.shape(), f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            const auto n = each_a.rows();
            const ::Eigen::JacobiSVD<Matrix> svd(Matrix(each_a), ::Eigen::ComputeFullU | ::Eigen::ComputeFullV);
            Matrix others = Matrix::Zero(n, n);
            for (::Eigen::Index k = 0; k < n; ++k) {
                others(k, k) = 1;
                for (::Eigen::Index j = 0; j < n; ++j)
                    if (j != k) others(k, k) *= svd.singularValues()(j);
            }
            const double sign = svd.matrixU().determinant() * svd.matrixV().determinant();
            matrix(y, i, n, n) = sign * (svd.matrixU() * others * svd.matrixV().transpose());
        });
        return y.to(a.dtype());
    };
    // d(det a^-T) along c: by the product rule.
    return record("det", value, wrt(a, [a = Saved(a)](const Tensor& dy) {
                      const Tensor inverse = transposed(inv(a)), d = rows_by(rows_by(det(a)));
                      const Tensor along = sum(dy * inverse, {-2, -1}, {.keepdims = true});
                      return d * (along * inverse - matmul(matmul(inverse, dy, {.transpose_b = true}), inverse));
                  }));
}
}  // namespace
Tensor det(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("det", a, true);
    if (detail::is_batched(a)) return lifted(a, det);
    const auto value = [&] {
        const Tensor y = Tensor::empty(Stack(a).lead, f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            y.raw<double>()[i] = each_a.rows() ? each_a.partialPivLu().determinant() : 1;
        });
        return y.to(a.dtype());
    };
    return record("det", value,
                  wrt(a, [a = Saved(a)](const Tensor& dy) { return rows_by(rows_by(dy)) * cofactors(a); }));
}
SignLogDet slogdet(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("slogdet", a, true);
    if (detail::is_batched(a)) {
        const auto [sign, logdet] = slogdet(detail::all_examples(a));
        return {detail::one_example(sign, a.impl()->level), detail::one_example(logdet, a.impl()->level)};
    }
    const Tensor sign = Tensor::empty(Stack(a).lead, f64), logdet = Tensor::empty(Stack(a).lead, f64);
    each(a, [&](const View& each_a, std::int64_t i) {
        const ::Eigen::PartialPivLU<Matrix> lu(each_a);
        double s = each_a.rows() ? lu.permutationP().determinant() : 1, total = 0;
        for (::Eigen::Index k = 0; k < each_a.rows(); ++k) {
            const double pivot = lu.matrixLU()(k, k);
            s *= pivot > 0 ? 1 : pivot < 0 ? -1 : pivot;
            total += std::log(std::fabs(pivot));
        }
        sign.raw<double>()[i] = s, logdet.raw<double>()[i] = total;
    });
    return {sign.to(a.dtype()), record("slogdet", logdet.to(a.dtype()), wrt(a, [a = Saved(a)](const Tensor& dy) {
                                           return rows_by(rows_by(dy)) * transposed(inv(a));
                                       }))};
}

namespace {
Tensor cholesky_of_symmetric(const Tensor& a) {
    if (detail::is_batched(a)) return lifted(a, cholesky_of_symmetric);
    const auto value = [&] {
        const Tensor y = Tensor::empty(a.shape(), f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            const ::Eigen::LLT<Matrix> llt{Matrix(each_a)};
            require<std::invalid_argument>(llt.info() == ::Eigen::Success,
                                           "cholesky: expected positive definite matrices, got another at {}", i);
            matrix(y, i, each_a.rows(), each_a.rows()) = Matrix(llt.matrixL());
        });
        return y.to(a.dtype());
    };
    // Murray 2016: l^-T P(l^T dl) l^-1, where P takes the lower triangle and half of the diagonal.
    return record("cholesky", value, wrt(a, [](const Tensor& dy, const Tensor& y) {
                      const Tensor m = matmul(y, dy, {.transpose_a = true}), lower = 0.5 * (tril(m) + tril(m, -1)),
                                   lt = transposed(y);
                      return symmetric(transposed(solve(lt, transposed(solve(lt, lower)))));
                  }));
}
/// How vectors turn into one another: m_ij / (w_j - w_i), antisymmetric in m. No number where two values are equal.
Tensor rotation(const Tensor& m, const Tensor& w) {
    const Tensor one = eye(w.shape().back(), -1, w.dtype());
    return 0.5 * (m - transposed(m)) * (1 / (columns_by(w) - rows_by(w) + one) - one);
}
Eigenpairs eigh_of_symmetric(const Tensor& a) {
    if (detail::is_batched(a)) {
        const auto [values, vectors] = eigh_of_symmetric(detail::all_examples(a));
        return {detail::one_example(values, a.impl()->level), detail::one_example(vectors, a.impl()->level)};
    }
    const Stack s(a);
    const Tensor w = s.of(s.n, -1), v = s.of(s.n, s.n);
    each(a, [&](const View& each_a, std::int64_t i) {
        if (s.n == 0) return;
        const ::Eigen::SelfAdjointEigenSolver<Matrix> solver{Matrix(each_a)};
        matrix(w, i, s.n, 1) = solver.eigenvalues();
        matrix(v, i, s.n, s.n) = solver.eigenvectors();
    });
    const DType dtype = a.dtype();
    // As functions of a, if the derivative is to be differentiated. Views of their own: a rule that held the outputs
    // would hold itself.
    const auto at = [a = Saved(a), w = w.detach(), v = v.detach(), dtype] {
        return modes.grad ? eigh_of_symmetric(a) : Eigenpairs{w.to(dtype), v.to(dtype)};
    };
    const auto turned = [](const Tensor& by, const Tensor& inner) {
        return symmetric(matmul(matmul(by, inner), by, {.transpose_b = true}));
    };
    return {
        record("eigh", w.to(dtype), wrt(a, [=](const Tensor& dw) { return turned(at().vectors, on_diagonal(dw)); })),
        record("eigh", v.to(dtype), wrt(a, [=](const Tensor& dv) {
                   const Eigenpairs e = at();
                   return turned(e.vectors, rotation(matmul(e.vectors, dv, {.transpose_a = true}), e.values));
               }))};
}
}  // namespace
Tensor cholesky(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("cholesky", a, true);
    return cholesky_of_symmetric(symmetric(a));
}
Eigenpairs eigh(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("eigh", a, true);
    return eigh_of_symmetric(symmetric(a));
}
Tensor eigvalsh(const Tensor& a) { return eigh(a).values; }

Qr qr(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("qr", a, false);
    if (detail::is_batched(a)) {
        const auto [q, r] = qr(detail::all_examples(a));
        return {detail::one_example(q, a.impl()->level), detail::one_example(r, a.impl()->level)};
    }
    const Stack s(a);
    const auto k = std::min(s.m, s.n);
    const Tensor q = s.of(s.m, k), r = s.of(k, s.n);
    each(a, [&](const View& each_a, std::int64_t i) {
        const ::Eigen::HouseholderQR<Matrix> factors{Matrix(each_a)};
        auto q_i = matrix(q, i, s.m, k), r_i = matrix(r, i, k, s.n);
        q_i = factors.householderQ() * Matrix::Identity(s.m, k);
        r_i = factors.matrixQR().topRows(k).triangularView<::Eigen::Upper>();
        for (::Eigen::Index j = 0; j < k; ++j)
            if (r_i(j, j) < 0) r_i.row(j) *= -1, q_i.col(j) *= -1;
    });
    const Tensors y = record(
        "qr",
        [&] {
            return Tensors{q.to(a.dtype()), r.to(a.dtype())};
        },
        {a},
        [a = Saved(a), q, r, s](const Tensors& dy) -> Tensors {
            require(s.m >= s.n, "backward of qr: expected m >= n, got a {}", a.get().shape());
            const Qr at = modes.grad ? qr(a) : Qr{q.to(dy[0].dtype()), r.to(dy[0].dtype())};
            const Tensor m = matmul(at.r, dy[1], {.transpose_b = true}) - matmul(dy[0], at.q, {.transpose_a = true});
            const Tensor both = tril(m) + transposed(tril(m, -1));  // its lower triangle on both sides
            return {transposed(solve(at.r, transposed(dy[0] + matmul(at.q, both))))};
        });
    return {y[0], y[1]};
}

Svd svd(const Tensor& input) {
    const Tensor a = as_float(input);
    require_matrices("svd", a, false);
    if (detail::is_batched(a)) {
        const auto [u, s, vt] = svd(detail::all_examples(a));
        const int level = a.impl()->level;
        return {detail::one_example(u, level), detail::one_example(s, level), detail::one_example(vt, level)};
    }
    const Stack stack(a);
    const auto k = std::min(stack.m, stack.n);
    const Tensor u = stack.of(stack.m, k), s = stack.of(k, -1), vt = stack.of(k, stack.n);
    each(a, [&](const View& each_a, std::int64_t i) {
        const ::Eigen::JacobiSVD<Matrix> factors(Matrix(each_a), ::Eigen::ComputeThinU | ::Eigen::ComputeThinV);
        matrix(u, i, stack.m, k) = factors.matrixU();
        matrix(s, i, k, 1) = factors.singularValues();
        matrix(vt, i, k, stack.n) = factors.matrixV().transpose();
    });
    const DType dtype = a.dtype();
    // Views of their own: a rule that held the outputs would hold itself.
    const auto at = [a = Saved(a), u = u.detach(), s = s.detach(), vt = vt.detach(), dtype] {
        return modes.grad ? svd(a) : Svd{u.to(dtype), s.to(dtype), vt.to(dtype)};
    };
    return {record("svd", u.to(dtype),
                   wrt(a,
                       [=, m = stack.m](const Tensor& du) {
                           const Svd e = at();
                           const Tensor inner = matmul(e.u, du, {.transpose_a = true});
                           Tensor left = matmul(e.u, 2 * rotation(inner, square(e.s)) * columns_by(e.s));
                           // What leaves the space that the columns of u span.
                           if (m > k) left = left + (du - matmul(e.u, inner)) / columns_by(e.s);
                           return matmul(left, e.vt);
                       })),
            record("svd", s.to(dtype),
                   wrt(a,
                       [=](const Tensor& ds) {
                           const Svd e = at();
                           return matmul(e.u * columns_by(ds), e.vt);
                       })),
            record("svd", vt.to(dtype), wrt(a, [=, n = stack.n](const Tensor& dvt) {
                       const Svd e = at();
                       const Tensor inner = matmul(e.vt, dvt, {.transpose_b = true});
                       Tensor right = matmul(2 * rotation(inner, square(e.s)) * rows_by(e.s), e.vt);
                       if (n > k) right = right + (dvt - matmul(inner, e.vt, {.transpose_a = true})) / rows_by(e.s);
                       return matmul(e.u, right);
                   }))};
}
Tensor svdvals(const Tensor& a) { return svd(a).s; }

}  // namespace xg
