#include "sorting.h"
#include <algorithm>
#include <cmath>
#include <numeric>
#include "../../tensor/parallel.h"
#include "../batch.h"
#include "../node.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "indexing.h"
#include "layout.h"
#include "logic.h"

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

Tensor quantile(const Tensor& input, double q, Axes axes, Reduction options) {
    require<std::invalid_argument>(0 <= q && q <= 1, "quantile: expected 0 <= q <= 1, got {}", q);
    const Tensor x = detail::as_float(input);
    const unsigned inside = axes.mask(x.rank(), "quantile");
    int order[max_rank], next = 0;
    std::int64_t n = 1;
    Shape rows, kept;
    for (const bool last : {false, true})
        for (int a = 0; a < x.rank(); ++a)
            if (bool(inside >> a & 1) == last) {
                order[next++] = a;
                if (last) n *= x.shape()[a];
                else rows.push_back(x.shape()[a]);
            }
    require(n > 0, "quantile: expected at least one element along the axes, got shape {}", x.shape());
    for (int a = 0; a < x.rank(); ++a)
        if (const bool reduced = inside >> a & 1; options.keepdims || !reduced)
            kept.push_back(reduced ? 1 : x.shape()[a]);
    rows.push_back(n);
    const Tensor sorted = sort(reshape(detail::permute(x, order), rows));
    const double at = q * double(n - 1);
    const auto below = std::int64_t(std::floor(at));
    Tensor y = sorted(ellipsis, below);
    if (const double share = at - double(below); share > 0) y = y + (sorted(ellipsis, below + 1) - y) * share;
    const Tensor largest = sorted(ellipsis, -1);
    return reshape(where(isnan(largest), largest, y), kept);
}
Tensor median(const Tensor& x, Axes axes, Reduction options) { return quantile(x, 0.5, axes, options); }

}  // namespace xg
