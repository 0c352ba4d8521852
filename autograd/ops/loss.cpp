#include "loss.h"
#include "../../tensor/kernels/softmax.h"
#include "../map.h"
#include "activation.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "indexing.h"
#include "layout.h"

namespace xg {

namespace {
/// (softmax - one_hot) dy, row by row, in one pass.
Tensor gradient(const Tensor& x, const Tensor& labels, const Tensor& lse, const Tensor& dy) {
    Tensor dx = Tensor::empty(x.shape(), x.dtype());
    const auto n = x.shape().back();
    dispatch_float(x.dtype(), "sparse_cross_entropy", [&]<class T> {
        parallel(labels.numel(), 0.3 * double(n), [&](std::int64_t first, std::int64_t last) {
            for (auto r = first; r < last; ++r) {
                const Batch<T> shift(lse.raw<T>()[r]), scale(dy.raw<T>()[r]);
                const T* from = x.raw<T>() + r * n;
                T* to = dx.raw<T>() + r * n;
                std::int64_t c = 0;
                for (; c + lanes<T> <= n; c += lanes<T>) (exp(Batch<T>::load(from + c) - shift) * scale).store(to + c);
                if (c < n) (exp(Batch<T>::load(from + c) - shift) * scale).store_first(to + c, n - c);
                to[labels.raw<std::int64_t>()[r]] -= dy.raw<T>()[r];
            }
        });
    });
    return dx;
}
}  // namespace

Tensor sparse_cross_entropy(const Tensor& logits, const Tensor& labels) {
    require(logits.rank() > 0 && Shape(logits.shape().begin(), logits.shape().end() - 1) == labels.shape(),
            "sparse_cross_entropy: expected logits (..., classes) and labels (...), got {} and {}", logits.shape(),
            labels.shape());
    if (const int level = detail::level_of(logits, labels))
        return detail::one_example(
            sparse_cross_entropy(detail::for_every_example(logits, level), detail::for_every_example(labels, level)),
            level);
    const Tensor at = labels.detach().to(i64).copy();
    const auto n = logits.shape().back();
    for (std::int64_t r = 0; r < at.numel(); ++r) {
        const auto label = at.raw<std::int64_t>()[r];
        require<std::invalid_argument>(
            0 <= label && label < n, "sparse_cross_entropy: expected labels in [0, {}), got {} in row {}", n, label, r);
    }
    Tensor y = Tensor::empty(at.shape(), logits.dtype()), lse = Tensor::empty(at.shape(), logits.dtype());
    dispatch_float(logits.dtype(), "sparse_cross_entropy", [&]<class T> {
        parallel(at.numel(), 0.3 * double(n), [&](std::int64_t first, std::int64_t last) {
            for (auto r = first; r < last; ++r) {
                const T* x = logits.raw<T>() + r * n;
                lse.raw<T>()[r] = kernel::log_sum_exp(x, n);
                y.raw<T>()[r] = lse.raw<T>()[r] - x[at.raw<std::int64_t>()[r]];
            }
        });
    });
    return record("sparse_cross_entropy", std::move(y), wrt(logits, [x = Saved(logits), at, lse, n](const Tensor& dy) {
                      if (!modes.grad && !detail::is_batched(dy)) return gradient(x, at, lse, dy);
                      Shape column = dy.shape();
                      column.push_back(1);
                      return (softmax(x) - one_hot(at, n, dy.dtype())) * reshape(dy, column);
                  }));
}

Tensor sigmoid_cross_entropy(const Tensor& logits, const Tensor& targets) {
    return map(
        "sigmoid_cross_entropy", [](auto z, auto y) { return softplus(z) - z * y; }, logits, targets);
}

}  // namespace xg
