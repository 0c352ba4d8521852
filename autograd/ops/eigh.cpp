#include "matrices.h"
#include <eigen3/Eigen/Eigenvalues>
#include "decompositions.h"
#include "linear_algebra.h"

namespace xg {

using namespace detail::matrices;

namespace {
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
Eigenpairs eigh(const Tensor& input) {
    const Tensor a = detail::as_float(input);
    require_matrices("eigh", a, true);
    return eigh_of_symmetric(symmetric(a));
}
Tensor eigvalsh(const Tensor& a) { return eigh(a).values; }

}  // namespace xg
