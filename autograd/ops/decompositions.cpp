#include "decompositions.h"
#include "matrices.h"
#include <eigen3/Eigen/Cholesky>
#include <eigen3/Eigen/LU>
#include <eigen3/Eigen/QR>
#include <algorithm>
#include <cmath>
#include "elementwise.h"
#include "linear_algebra.h"
#include "logic.h"
#include "reduction.h"

namespace xg {

using namespace detail::matrices;

namespace {
/// a^-1 b in float64, for as many matrices a (..., n, n) and b (..., n, k).
Tensor solution(const char* op, const Tensor& a, const Tensor& b) {
    const Tensor x = Tensor::empty(b.shape(), f64), right = b.detach().to(f64);
    each(a, [&](const View& each_a, std::int64_t i) {
        const auto n = each_a.rows(), k = b.shape().back();
        const ::Eigen::PartialPivLU<Matrix> lu(each_a);
        const bool regular = (lu.matrixLU().diagonal().array() != 0).all();
        require<std::invalid_argument>(regular, "{}: expected matrices with an inverse, got a singular one at {}", op,
                                       i);
        matrix(x, i, n, k) = lu.solve(matrix(right, i, n, k));
    });
    return x.to(a.dtype());
}
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
    const auto value = [&] { return solution("solve", a, b); };
    return record(
        "solve", value,
        wrt(a, [a = Saved(a)](const Tensor& dy,
                              const Tensor& y) { return -matmul(solve(transposed(a), dy), y, {.transpose_b = true}); }),
        wrt(b, [a = Saved(a)](const Tensor& dy) { return solve(transposed(a), dy); }));
}
Tensor inv(const Tensor& input) {
    const Tensor a = detail::as_float(input);
    require_matrices("inv", a, true);
    if (detail::is_batched(a)) return lifted(a, inv);
    const auto value = [&] { return solution("inv", a, broadcast_to(eye(a.shape().back(), -1, f64), a.shape())); };
    return record("inv", value, wrt(a, [](const Tensor& dy, const Tensor& y) {
                      return -matmul(matmul(y, dy, {.transpose_a = true}), y, {.transpose_b = true});
                  }));
}

SignLogDet slogdet(const Tensor& input) {
    const Tensor a = detail::as_float(input);
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
/// The derivative of det: det(a) a^-T, and what it tends to where a is singular, by the singular values.
Tensor cofactors(const Tensor& a) {
    if (detail::is_batched(a)) return lifted(a, cofactors);
    const auto value = [&] {
        const NoGrad unrecorded;
        const auto [u, s, vt] = svd(a.to(f64));
        const std::int64_t n = s.shape().back();
        // For each singular value the product of the others: the diagonal of s, repeated n times, is replaced by ones.
        const Tensor others = prod(where(eye(n, -1, f64) != 0, 1, columns_by(s)), -1);
        return (matmul(u * columns_by(others), vt) * rows_by(rows_by(det(u) * det(vt)))).to(a.dtype());
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
    const Tensor a = detail::as_float(input);
    require_matrices("det", a, true);
    if (detail::is_batched(a)) return lifted(a, det);
    const auto value = [&] {
        const Tensor y = Tensor::empty(Stack(a).lead, f64);
        each(a, [&](const View& each_a, std::int64_t i) {
            y.raw<double>()[i] = each_a.rows() ? ::Eigen::PartialPivLU<Matrix>(each_a).determinant() : 1;
        });
        return y.to(a.dtype());
    };
    return record("det", value,
                  wrt(a, [a = Saved(a)](const Tensor& dy) { return rows_by(rows_by(dy)) * cofactors(a); }));
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
}  // namespace
Tensor cholesky(const Tensor& input) {
    const Tensor a = detail::as_float(input);
    require_matrices("cholesky", a, true);
    return cholesky_of_symmetric(symmetric(a));
}
Qr qr(const Tensor& input) {
    const Tensor a = detail::as_float(input);
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

}  // namespace xg
