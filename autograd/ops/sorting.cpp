#include "sorting.h"
#include <algorithm>
#include <numeric>
#include "../../tensor/parallel.h"
#include "../batch.h"
#include "../node.h"
#include "indexing.h"
#include "layout.h"

namespace xg {

namespace {
/// Positions in each row of the last axis, in the order `before` says; NaN after all.
template <class F> Tensor order_rows(const Tensor& x, const F& before) {
    if (detail::is_batched(x))
        return detail::batched(x, [&](const Tensor& examples) { return order_rows(examples, before); });
    Tensor order = Tensor::empty(x.shape(), i64);
    const auto n = x.shape().back(), rows = n ? x.numel() / n : 0;
    dispatch(x.dtype(), [&]<class T> {
        parallel(rows, 20.0 * double(n), [&](std::int64_t first, std::int64_t last) {
            for (auto r = first; r < last; ++r) {
                const T* row = x.raw<T>() + r * n;
                std::int64_t* to = order.raw<std::int64_t>() + r * n;
                std::iota(to, to + n, 0);
                std::stable_sort(to, to + n, [&](std::int64_t i, std::int64_t j) {
                    const bool nan_i = row[i] != row[i], nan_j = row[j] != row[j];
                    return nan_i || nan_j ? !nan_i && nan_j : before(row[i], row[j]);
                });
            }
        });
    });
    return order;
}
constexpr auto rising = [](auto a, auto b) { return a < b; };
}  // namespace

Tensor argsort(const Tensor& x, int axis) {
    const int along = normalize_axis(axis, x.rank(), "argsort");
    if (along == x.rank() - 1) return order_rows(x, rising);
    return swapaxes(order_rows(swapaxes(x.detach(), along, -1), rising), along, -1);
}
Tensor sort(const Tensor& x, int axis) { return take_along_axis(x, argsort(x, axis), axis); }

TopK topk(const Tensor& x, std::int64_t k) {
    require(x.rank() > 0 && 0 <= k && k <= x.shape().back(),
            "topk: expected 0 <= k <= the last extent, got k {} and shape {}", k, x.shape());
    const Tensor order = order_rows(x, [](auto a, auto b) { return a > b; })(ellipsis, Slice(0, k));
    return {take_along_axis(x, order, -1), order};
}

}  // namespace xg
