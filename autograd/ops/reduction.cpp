#include "reduction.h"
#include <cmath>
#include "../../tensor/create.h"
#include "../../tensor/kernels/reduce.h"
#include "../../tensor/kernels/softmax.h"
#include "../../tensor/parallel.h"
#include "../map.h"
#include "../record.h"
#include "elementwise.h"
#include "arithmetic.h"
#include "layout.h"

namespace xg {

namespace {
Tensor sum_axes(const Tensor& x, unsigned mask, const Shape& result) {
    if (detail::is_batched(x))
        return detail::batched(x, [&](const Tensor& every) {
            return sum_axes(every, mask << 1, detail::behind(every.shape()[0], result));
        });
    if (!is_float(x.dtype())) return kernel::sum(x.to(i64), mask).window(result, 0);
    return record("sum", kernel::sum(x, mask).window(result, 0),
                  wrt(x, [kept = reduced(x.shape(), mask, true), shape = x.shape()](const Tensor& dy) {
                      return broadcast_to(reshape(dy, kept), shape);
                  }));
}
}  // namespace

Tensor sum(const Tensor& x, Axes axes, Reduction options) {
    const unsigned mask = axes.mask(x.rank(), "sum");
    return sum_axes(x, mask, reduced(x.shape(), mask, options.keepdims));
}

Tensor mean(const Tensor& x, Axes axes, Reduction options) {
    const Tensor values = detail::as_float(x);
    const unsigned mask = axes.mask(x.rank(), "mean");
    const Tensor total = sum_axes(values, mask, reduced(x.shape(), mask, options.keepdims));
    double count = 1;
    for (int a = 0; a < x.rank(); ++a) count *= mask >> a & 1 ? double(x.shape()[a]) : 1;
    return total / count;
}

namespace {
/// The reduced axes last: (kept axes..., count) as one matrix, unrecorded.
struct ReducedRows {
    Tensor values;
    std::int64_t rows = 1, count = 1;

    ReducedRows(const Tensor& x, unsigned mask) {
        int order[max_rank], next = 0;
        for (int a = 0; a < x.rank(); ++a)
            if (!(mask >> a & 1)) order[next++] = a, rows *= x.shape()[a];
        const bool last = mask == ((1u << x.rank()) - 1) - ((1u << next) - 1);
        for (int a = 0; a < x.rank(); ++a)
            if (mask >> a & 1) order[next++] = a, count *= x.shape()[a];
        values = last ? x.detach() : detail::permute(x.detach(), order);
    }
    /// out[r] = f(first of row r), an Out a row.
    template <class Out, class In, class F> Tensor fold(const Shape& shape, const F& f) const {
        Tensor y = Tensor::empty(shape, dtype_of<Out>);
        parallel(rows, 0.5 * double(count), [&](std::int64_t first, std::int64_t end) {
            for (auto r = first; r < end; ++r) y.raw<Out>()[r] = f(values.raw<In>() + r * count);
        });
        return y;
    }
};

/// The place in [0, n) of the entry that wins; a NaN wins over all.
template <class T, class F> std::int64_t winner(const T* p, std::int64_t n, const F& wins) {
    std::int64_t best = 0;
    for (std::int64_t i = 1; i < n && p[best] == p[best]; ++i)
        if (wins(p[i], p[best]) || p[i] != p[i]) best = i;
    return best;
}
template <class F> Tensor extreme(const char* op, const Tensor& x, Axes axes, Reduction options, const F& wins) {
    const unsigned mask = axes.mask(x.rank(), op);
    if (detail::is_batched(x))
        return detail::batched(
            x, [&](const Tensor& every) { return extreme(op, every, Axes::of(mask << 1), options, wins); });
    const ReducedRows rows(x, mask);
    require(rows.count > 0 || rows.rows == 0, "{}: expected at least one element along the axes, got shape {}", op,
            x.shape());
    const Shape kept = reduced(x.shape(), mask, true);
    Tensor y = dispatch(x.dtype(), [&]<class T> {
        return rows.fold<T, T>(kept, [&](const T* p) { return p[winner(p, rows.count, wins)]; });
    });
    const Shape shape = reduced(x.shape(), mask, options.keepdims);
    if (!is_float(x.dtype())) return y.window(shape, 0);
    return record(op, y.window(shape, 0), wrt(x, [x = Saved(x), top = Saved(y), kept](const Tensor& dy) {
                      const Tensor equal = (x.get().detach() == top.get()).to(dy.dtype());
                      return reshape(dy, kept) * (equal / sum_to(equal, kept));
                  }));
}
template <class F> Tensor arg(const char* op, const Tensor& x, int axis, Reduction options, const F& wins) {
    const unsigned mask = Axes(axis).mask(x.rank(), op);
    if (detail::is_batched(x)) {
        const int along = normalize_axis(axis, x.rank(), op) + 1;
        return detail::batched(x, [&](const Tensor& every) { return arg(op, every, along, options, wins); });
    }
    const ReducedRows rows(x, mask);
    require(rows.count > 0 || rows.rows == 0, "{}: expected at least one element along the axis, got shape {}", op,
            x.shape());
    return dispatch(x.dtype(), [&]<class T> {
        return rows.fold<std::int64_t, T>(reduced(x.shape(), mask, options.keepdims),
                                          [&](const T* p) { return winner(p, rows.count, wins); });
    });
}
constexpr auto larger = [](auto a, auto b) { return a > b; };
constexpr auto smaller = [](auto a, auto b) { return a < b; };

/// sqrt whose gradient at 0 is 0: a norm's, not a root's.
Tensor root(const char* op, const Tensor& x) {
    return map(
        op, x, [](auto v) { return sqrt(v); }, [](auto dy, auto, auto y) { return where(y == 0, 0, 0.5 * dy / y); });
}
/// Integers and bools are counted in int64.
Tensor counted(const Tensor& x) { return is_float(x.dtype()) ? x : x.to(i64); }
}  // namespace

Tensor max(const Tensor& x, Axes axes, Reduction options) { return extreme("max", x, axes, options, larger); }
Tensor min(const Tensor& x, Axes axes, Reduction options) { return extreme("min", x, axes, options, smaller); }
Tensor argmax(const Tensor& x, int axis, Reduction options) { return arg("argmax", x, axis, options, larger); }
Tensor argmin(const Tensor& x, int axis, Reduction options) { return arg("argmin", x, axis, options, smaller); }
Tensor argmax(const Tensor& x) { return argmax(reshape(x, {-1}), 0); }
Tensor argmin(const Tensor& x) { return argmin(reshape(x, {-1}), 0); }

Tensor any(const Tensor& x, Axes axes, Reduction options) { return sum(x != 0, axes, options) > 0; }
Tensor every(const Tensor& x, Axes axes, Reduction options) { return sum(x == 0, axes, options) == 0; }
Tensor count_nonzero(const Tensor& x, Axes axes, Reduction options) { return sum(x != 0, axes, options); }

Tensor prod(const Tensor& x, Axes axes, Reduction options) {
    const unsigned mask = axes.mask(x.rank(), "prod");
    const Shape shape = reduced(x.shape(), mask, options.keepdims);
    Tensor y = counted(x);
    // Axis by axis, half times half: no quotient, so zeros need no care.
    for (int a = 0; a < x.rank(); ++a) {
        if (!(mask >> a & 1)) continue;
        int order[max_rank];
        for (int i = 0; i < y.rank(); ++i) order[i] = i == 0 ? a : i <= a ? i - 1 : i;
        Tensor rows = detail::permute(y, order);
        if (rows.shape()[0] == 0) rows = sum(rows, 0, {.keepdims = true}) + 1;  // 1, and still computed from x
        while (rows.shape()[0] > 1) {
            const auto n = rows.shape()[0], half = n / 2;
            Tensor product = slice(rows, 0, half) * slice(rows, half, 2 * half);
            rows = n % 2 ? half == 1 ? product * slice(rows, n - 1, n) : concatenate({product, slice(rows, n - 1, n)})
                         : product;
        }
        for (int i = 0; i < y.rank(); ++i) order[i] = i < a ? i + 1 : i == a ? 0 : i;
        y = detail::permute(rows, order);
    }
    return reshape(y, shape);
}

Tensor var(const Tensor& x, Axes axes, Moments options) {
    const unsigned mask = axes.mask(x.rank(), "var");
    double count = 1;
    for (int a = 0; a < x.rank(); ++a) count *= mask >> a & 1 ? double(x.shape()[a]) : 1;
    require(count > options.correction, "var: expected more than {} values, got {}", options.correction, count);
    const Tensor v = detail::as_float(x), off = v - mean(v, axes, {.keepdims = true});
    return sum(off * off, axes, {.keepdims = options.keepdims}) / (count - options.correction);
}
Tensor stddev(const Tensor& x, Axes axes, Moments options) { return root("stddev", var(x, axes, options)); }
Tensor norm(const Tensor& x, Axes axes, Reduction options) {
    const Tensor v = detail::as_float(x);
    return root("norm", sum(v * v, axes, options));
}

Tensor logsumexp(const Tensor& input, Axes axes, Reduction options) {
    const Tensor x = detail::as_float(input);
    const unsigned mask = axes.mask(x.rank(), "logsumexp");
    if (detail::is_batched(x))
        return detail::batched(x, [&](const Tensor& every) { return logsumexp(every, Axes::of(mask << 1), options); });
    const ReducedRows rows(x, mask);
    const Shape kept = reduced(x.shape(), mask, true), shape = reduced(x.shape(), mask, options.keepdims);
    Tensor y = dispatch_float(x.dtype(), "logsumexp", [&]<class T> {
        return rows.fold<T, T>(kept, [&](const T* p) { return kernel::log_sum_exp(p, rows.count); });
    });
    return record("logsumexp", y.window(shape, 0), wrt(x, [x = Saved(x), kept](const Tensor& dy, const Tensor& lse) {
                      const Tensor top = reshape(lse, kept), finite = where(top == -INFINITY, 0, top);
                      return reshape(dy, kept) * exp(x.get() - finite);
                  }));
}

Tensor cumsum(const Tensor& input, int axis) {
    const Tensor x = counted(input);
    require(x.rank() > 0, "cumsum: expected at least one axis, got shape ()");
    const int along = normalize_axis(axis, x.rank(), "cumsum");
    if (detail::is_batched(x)) return detail::batched(x, [&](const Tensor& every) { return cumsum(every, along + 1); });
    std::int64_t inner = 1;
    for (int a = along + 1; a < x.rank(); ++a) inner *= x.shape()[a];
    const auto n = x.shape()[along], outer = n && inner ? x.numel() / (n * inner) : 0;
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    dispatch(x.dtype(), [&]<class T> {
        for (std::int64_t o = 0; o < outer; ++o)
            for (std::int64_t i = 0; i < n * inner; ++i) {
                const auto at = o * n * inner + i;
                y.raw<T>()[at] = T(x.raw<T>()[at] + (i >= inner ? y.raw<T>()[at - inner] : T(0)));
            }
    });
    return record("cumsum", std::move(y),
                  wrt(x, [along](const Tensor& dy) { return flip(cumsum(flip(dy, along), along), along); }));
}

Tensor cumsum(const Tensor& x) { return cumsum(reshape(x, {-1}), 0); }
Tensor cumprod(const Tensor& x) { return cumprod(reshape(x, {-1}), 0); }
Tensor cumprod(const Tensor& x, int axis) {
    require(x.rank() > 0, "cumprod: expected at least one axis, got shape ()");
    const int along = normalize_axis(axis, x.rank(), "cumprod");
    Tensor y = swapaxes(counted(x), 0, along);
    // Products of 1, 2, 4, ... factors so far: no quotient, so zeros need no care.
    for (std::int64_t reach = 1, n = y.shape()[0]; reach < n; reach *= 2)
        y = concatenate({slice(y, 0, reach), slice(y, reach, n) * slice(y, 0, n - reach)});
    return swapaxes(y, 0, along);
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    const int lead = x.rank() - shape.rank();
    require(lead >= 0, "sum_to: expected a shape that broadcasts to {}, got {}", x.shape(), shape);
    unsigned mask = (1u << lead) - 1;
    for (int a = 0; a < shape.rank(); ++a) {
        if (shape[a] == 1 && x.shape()[lead + a] != 1) mask |= 1u << (lead + a);
        else
            require(shape[a] == x.shape()[lead + a], "sum_to: expected a shape that broadcasts to {}, got {}",
                    x.shape(), shape);
    }
    return sum_axes(x, mask, shape);
}

}  // namespace xg
