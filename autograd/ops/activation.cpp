#include "activation.h"
#include <cmath>
#include "../../tensor/kernels/softmax.h"
#include "../logits.h"
#include "../map.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "reduction.h"
#include "sorting.h"

namespace xg {

Tensor linear(const Tensor& x) { return x; }
Tensor relu(const Tensor& x) {
    return map(
        "relu", x, [](auto v) { return relu(v); }, rule::of_relu);
}
Tensor relu6(const Tensor& x) {
    return map(
        "relu6", [](auto v) { return minimum(maximum(v, 0), 6); }, x);
}
Tensor elu(const Tensor& x) {
    return map(
        "elu", [](auto v) { return where(v > 0, v, expm1(where(v > 0, 0, v))); }, x);
}
Tensor selu(const Tensor& x) {
    return map(
        "selu",
        [](auto v) { return 1.0507009873554805 * where(v >= 0, v, 1.6732632423543772 * expm1(where(v > 0, 0, v))); },
        x);
}
Tensor gelu(const Tensor& x) {
    return map(
        "gelu", [](auto v) { return 0.5 * v * (1 + erf(0.7071067811865476 * v)); }, x);
}
Tensor silu(const Tensor& x) {
    return map(
        "silu", [](auto v) { return v * sigmoid(v); }, x);
}
Tensor mish(const Tensor& x) {
    return map(
        "mish", [](auto v) { return v * tanh(softplus(v)); }, x);
}
Tensor softsign(const Tensor& x) {
    return map(
        "softsign", [](auto v) { return v / (1 + abs(v)); }, x);
}
Tensor log_sigmoid(const Tensor& x) {
    return map(
        "log_sigmoid", [](auto v) { return -softplus(-v); }, x);
}
Tensor exponential(const Tensor& x) {
    return map(
        "exponential", [](auto v) { return exp(v); }, x);
}
Tensor hard_sigmoid(const Tensor& x) {
    return map(
        "hard_sigmoid", [](auto v) { return minimum(maximum(v + 3, 0), 6) / 6; }, x);
}
Tensor hard_silu(const Tensor& x) {
    return map(
        "hard_silu", [](auto v) { return v * minimum(maximum(v + 3, 0), 6) / 6; }, x);
}
Tensor hard_tanh(const Tensor& x) {
    return map(
        "hard_tanh", [](auto v) { return where(v < -1, -1 + 0 * v, where(v > 1, 1 + 0 * v, v)); }, x);
}
Tensor leaky_relu(const Tensor& x) {
    return map(
        "leaky_relu", [](auto v) { return where(v > 0, v, 0.2 * v); }, x);
}
Tensor celu(const Tensor& x) { return celu(x, EluOptions{}); }
Tensor tanh_shrink(const Tensor& x) {
    return map(
        "tanh_shrink", [](auto v) { return v - tanh(v); }, x);
}
Tensor hard_shrink(const Tensor& x) { return hard_shrink(x, ShrinkOptions{}); }
Tensor soft_shrink(const Tensor& x) { return soft_shrink(x, ShrinkOptions{}); }
Tensor squareplus(const Tensor& x) { return squareplus(x, SquareplusOptions{}); }
Tensor sparse_plus(const Tensor& x) {
    return map(
        "sparse_plus", [](auto v) { return where(v <= -1, 0 * v, where(v < 1, 0.25 * (v + 1) * (v + 1), v)); }, x);
}
Tensor sparse_sigmoid(const Tensor& x) {
    return map(
        "sparse_sigmoid", [](auto v) { return where(v <= -1, 0 * v, where(v >= 1, 1 + 0 * v, 0.5 * (v + 1))); }, x);
}

Tensor gelu(const Tensor& x, GeluOptions options) {
    if (!options.approximate) return gelu(x);
    return map(
        "gelu", [](auto v) { return 0.5 * v * (1 + tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))); }, x);
}
Tensor relu(const Tensor& x, ReluOptions o) {
    const bool capped = o.max_value < INFINITY, six = o.max_value == 6 && o.threshold == 0;
    const double least = capped ? 0 : -INFINITY;
    // 0 times -inf would be NaN.
    const double lowest = o.negative_slope == 0 ? -1e30 : -INFINITY;
    // Where the pieces meet the gradient is Keras'.
    const double at_threshold = o.threshold == 0 && !capped ? o.negative_slope : 0, stop = six ? 6 : NAN;
    return map(
        "relu", x,
        [=](auto v) {
            return where(v > o.threshold, minimum(maximum(v, least), o.max_value),
                         o.negative_slope * maximum(v - o.threshold, lowest));
        },
        [=](auto dy, auto v) {
            return where(v > o.threshold, where(v < least, 0, where(v > o.max_value, 0, where(v == stop, 0, dy))),
                         where(v == o.threshold, at_threshold * dy, o.negative_slope * dy));
        });
}

Tensor elu(const Tensor& x, EluOptions options) {
    const double a = options.alpha;
    return map(
        "elu", x, [a](auto v) { return where(v > 0, v, a * expm1(where(v > 0, 0, v))); },
        [a](auto dy, auto v) { return where(v > 0, dy, a * dy * exp(where(v > 0, 0, v))); });
}

/// At 0 both branches count, as in Keras.
Tensor celu(const Tensor& x, EluOptions options) {
    const double a = options.alpha;
    require<std::invalid_argument>(a != 0, "celu: expected alpha other than 0, got {}", a);
    return map(
        "celu", x, [a](auto v) { return where(v >= 0, v, 0) + a * expm1(where(v <= 0, v, 0) / a); },
        [a](auto dy, auto v) { return where(v >= 0, dy, 0) + where(v <= 0, dy * exp(where(v <= 0, v, 0) / a), 0); });
}
Tensor hard_shrink(const Tensor& x, ShrinkOptions options) {
    const double t = options.threshold;
    return map(
        "hard_shrink", x, [t](auto v) { return where(abs(v) > t, v, 0); },
        [t](auto dy, auto v) { return where(abs(v) > t, dy, 0); });
}
Tensor soft_shrink(const Tensor& x, ShrinkOptions options) {
    const double t = options.threshold;
    return map(
        "soft_shrink", x, [t](auto v) { return where(v > t, v - t, where(v < -t, v + t, 0)); },
        [t](auto dy, auto v) { return where(abs(v) > t, dy, 0); });
}
Tensor squareplus(const Tensor& x, SquareplusOptions options) {
    const double b = options.b;
    require<std::invalid_argument>(b >= 0, "squareplus: expected b >= 0, got {}", b);
    return map(
        "squareplus", x, [b](auto v) { return 0.5 * (v + sqrt(v * v + b)); },
        [b](auto dy, auto v) { return 0.5 * dy * (1 + v / sqrt(v * v + b)); });
}
Tensor threshold(const Tensor& x, ThresholdActivation options) {
    const double t = options.threshold, otherwise = options.default_value;
    return map(
        "threshold", x, [=](auto v) { return where(v > t, v, otherwise); },
        [=](auto dy, auto v) { return where(v > t, dy, 0); });
}
Tensor prelu(const Tensor& x, const Tensor& alpha) {
    return map(
        "prelu", [](auto v, auto a) { return where(v > 0, v, where(v < 0, a * v, 0 * v)); }, x, alpha);
}
Tensor glu(const Tensor& x, int axis) {
    const int at = normalize_axis(axis, x.rank(), "glu");
    require(x.shape()[at] % 2 == 0, "glu: expected an even extent along axis {}, got {}", axis, x.shape());
    const auto halves = split(x, 2, at);
    return map(
        "glu", [](auto a, auto b) { return a * sigmoid(b); }, halves[0], halves[1]);
}
Tensor sparsemax(const Tensor& input, int axis) {
    const Tensor x = detail::as_float(input);
    const int at = normalize_axis(axis, x.rank(), "sparsemax");
    const auto value = [&] {
        Shape along;
        for (int a = 0; a < x.rank(); ++a) along.push_back(a == at ? x.shape()[at] : 1);
        const Tensor count = reshape(arange(1, x.shape()[at] + 1, 1, x.dtype()), along);
        // From the largest on, entries share as long as each is above what it would cost the others.
        const Tensor falling = flip(sort(x, at), at), sums = cumsum(falling, at);
        const Tensor shares = (1 + count * falling > sums).to(x.dtype());
        const Tensor cut = (sum(shares * falling, at, {.keepdims = true}) - 1) / sum(shares, at, {.keepdims = true});
        return maximum(x - cut, 0);
    };
    return record("sparsemax", value, wrt(x, [at](const Tensor& dy, const Tensor& y) {
                      const Tensor shares = (y.detach() > 0).to(dy.dtype());
                      const Tensor of_all = sum(shares * dy, at, {.keepdims = true});
                      return shares * (dy - of_all / sum(shares, at, {.keepdims = true}));
                  }));
}
namespace {
/// The last axes of x as rows, if those are the ones meant and the values are at hand; n is 0 if not.
struct Rows {
    std::int64_t rows = 0, n = 0;

    Rows(const Tensor& x, Axes axes, const char* op) {
        const unsigned mask = axes.mask(x.rank(), op), all_axes = (1u << x.rank()) - 1;
        int first = x.rank();
        while (first > 0 && mask >> (first - 1) & 1) --first;
        if (detail::is_batched(x) || mask != (all_axes >> first << first) || x.numel() == 0) return;
        n = 1;
        for (int a = first; a < x.rank(); ++a) n *= x.shape()[a];
        rows = x.numel() / n;
    }
    explicit operator bool() const { return n > 0; }
};
/// kernel(y, operands..., rows, n) into a new tensor.
template <class F, class... Xs>
Tensor by_rows(const Rows& r, const char* op, const F& kernel, const Tensor& x, const Xs&... more) {
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    dispatch_float(x.dtype(), op,
                   [&]<class T> { kernel(y.raw<T>(), x.raw<T>(), more.template raw<T>()..., r.rows, r.n); });
    return y;
}
}  // namespace

Tensor softmax(const Tensor& input, Axes axes) {
    const Tensor x = detail::as_float(input);
    const Rows rows(x, axes, "softmax");
    Tensor p = record(
        "softmax",
        [&] {
            if (rows)
                return by_rows(
                    rows, "softmax", [](auto... a) { kernel::softmax(a...); }, x);
            return exp(x - logsumexp(x, axes, {.keepdims = true}));
        },
        wrt(x, [axes, rows](const Tensor& dy, const Tensor& y) {
            if (rows && !modes.grad && !detail::is_batched(dy))
                return by_rows(
                    rows, "softmax", [](auto... a) { kernel::softmax_backward(a...); }, y, dy);
            return y * (dy - sum(dy * y, axes, {.keepdims = true}));
        }));
    p.impl()->from_softmax = true;
    note_logits(x, p, axes.mask(x.rank(), "softmax"));
    return p;
}
Tensor log_softmax(const Tensor& input, Axes axes) {
    const Tensor x = detail::as_float(input);
    const Rows rows(x, axes, "log_softmax");
    return record(
        "log_softmax",
        [&] {
            if (rows)
                return by_rows(
                    rows, "log_softmax", [](auto... a) { kernel::log_softmax(a...); }, x);
            return x - logsumexp(x, axes, {.keepdims = true});
        },
        wrt(x, [axes, rows](const Tensor& dy, const Tensor& y) {
            if (rows && !modes.grad && !detail::is_batched(dy))
                return by_rows(
                    rows, "log_softmax", [](auto... a) { kernel::log_softmax_backward(a...); }, y, dy);
            return dy - exp(y) * sum(dy, axes, {.keepdims = true});
        }));
}

}  // namespace xg
