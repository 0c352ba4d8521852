#include "matrices.h"
#include <eigen3/Eigen/SVD>
#include <algorithm>
#include "decompositions.h"
#include "elementwise.h"
#include "linear_algebra.h"
#include "reduction.h"

namespace xg {

using namespace detail::matrices;

Svd svd(const Tensor& input) {
    const Tensor a = detail::as_float(input);
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
        const ::Eigen::JacobiSVD<Matrix, ::Eigen::HouseholderQRPreconditioner> factors(
            Matrix(each_a), ::Eigen::ComputeThinU | ::Eigen::ComputeThinV);
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
