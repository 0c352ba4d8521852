#include "activation.h"
#include <cmath>
#include "../../tensor/kernels/softmax.h"
#include "../map.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "reduction.h"

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
/// At 0 both branches count, as in Keras.
Tensor celu(const Tensor& x) {
    return map(
        "celu", [](auto v) { return where(v >= 0, v, 0) + expm1(where(v <= 0, v, 0)); }, x);
}
Tensor tanh_shrink(const Tensor& x) {
    return map(
        "tanh_shrink", [](auto v) { return v - tanh(v); }, x);
}
Tensor hard_shrink(const Tensor& x) {
    return map(
        "hard_shrink", [](auto v) { return where(abs(v) > 0.5, v, 0); }, x);
}
Tensor soft_shrink(const Tensor& x) {
    return map(
        "soft_shrink", [](auto v) { return where(v > 0.5, v - 0.5, where(v < -0.5, v + 0.5, 0)); }, x);
}
Tensor squareplus(const Tensor& x) {
    return map(
        "squareplus", [](auto v) { return 0.5 * (v + sqrt(v * v + 4)); }, x);
}

Tensor gelu(const Tensor& x, GeluOptions options) {
    if (!options.approximate) return gelu(x);
    return map(
        "gelu", [](auto v) { return 0.5 * v * (1 + tanh(0.7978845608028654 * (v + 0.044715 * v * v * v))); }, x);
}
Tensor relu(const Tensor& x, ReluOptions o) {
    const double at_threshold = o.threshold == 0 ? o.negative_slope : 0;  // as in Keras
    return map(
        "relu", x,
        [=](auto v) {
            return where(v >= o.max_value, o.max_value + 0 * v,
                         where(v > o.threshold, v, o.negative_slope * (v - o.threshold)));
        },
        [=](auto dy, auto v) {
            return where(v > o.max_value, 0,
                         where(v > o.threshold, dy, where(v == o.threshold, at_threshold * dy, o.negative_slope * dy)));
        });
}

Tensor elu(const Tensor& x, EluOptions options) {
    const double a = options.alpha;
    return map(
        "elu", x, [a](auto v) { return where(v > 0, v, a * expm1(where(v > 0, 0, v))); },
        [a](auto dy, auto v) { return where(v > 0, dy, a * dy * exp(where(v > 0, 0, v))); });
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
    const Tensor x = is_float(input.dtype()) ? input : input.to(f32);
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
    return p;
}
Tensor log_softmax(const Tensor& input, Axes axes) {
    const Tensor x = is_float(input.dtype()) ? input : input.to(f32);
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
