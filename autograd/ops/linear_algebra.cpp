#include "linear_algebra.h"
#include "../../tensor/kernels/gemm.h"
#include "../record.h"

namespace xg {

Tensor matmul(const Tensor& a, const Tensor& b, Transpose t) {
    require(a.rank() == 2 && b.rank() == 2, "matmul: expected two matrices, got a {} and b {}", a.shape(), b.shape());
    const auto m = a.shape()[t.transpose_a], k = a.shape()[!t.transpose_a], n = b.shape()[!t.transpose_b];
    require(k == b.shape()[t.transpose_b], "matmul: expected a.shape[{}] == b.shape[{}], got a {} and b {}",
            int(!t.transpose_a), int(t.transpose_b), a.shape(), b.shape());
    require(a.dtype() == b.dtype(), "matmul: expected one dtype, got {} and {}", name_of(a.dtype()),
            name_of(b.dtype()));
    Tensor y = Tensor::empty({m, n}, a.dtype());
    dispatch_float(y.dtype(), "matmul", [&]<class T> {
        kernel::gemm(y.raw<T>(), a.raw<T>(), b.raw<T>(), m, n, k, t.transpose_a, t.transpose_b);
    });
    return record(
        "matmul", std::move(y),
        wrt(a,
            [b = Saved(b), t](const Tensor& dy) {
                return t.transpose_a ? matmul(b, dy, {t.transpose_b, true}) : matmul(dy, b, {false, !t.transpose_b});
            }),
        wrt(b, [a = Saved(a), t](const Tensor& dy) {
            return t.transpose_b ? matmul(dy, a, {true, t.transpose_a}) : matmul(a, dy, {!t.transpose_a, false});
        }));
}

}  // namespace xg
