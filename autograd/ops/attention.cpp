#include "attention.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include "../../tensor/kernels/attention.h"
#include "../record.h"
#include "../rule.h"
#include "activation.h"
#include "arithmetic.h"
#include "layout.h"
#include "linear_algebra.h"
#include "logic.h"

namespace xg {

namespace {
using Options = ScaledDotProductOptions;

struct Sizes {
    int heads_axis, steps_axis;
    std::int64_t batch, heads, key_heads, steps, key_steps, d, dv;
};
Sizes check(const Tensor& q, const Tensor& k, const Tensor& v, const Options& o) {
    const auto shapes = [&](bool ok, const char* rule) {
        require(ok, "scaled_dot_product_attention: expected {}, got query {}, key {} and value {}", rule, q.shape(),
                k.shape(), v.shape());
    };
    const bool first = o.heads_first;
    shapes(q.rank() == 4 && k.rank() == 4 && v.rank() == 4,
           first ? "(batch, heads, steps, features)" : "(batch, steps, heads, features)");
    const Sizes s{first ? 1 : 2,
                  first ? 2 : 1,
                  q.shape()[0],
                  q.shape()[first ? 1 : 2],
                  k.shape()[first ? 1 : 2],
                  q.shape()[first ? 2 : 1],
                  k.shape()[first ? 2 : 1],
                  q.shape()[3],
                  v.shape()[3]};
    shapes(k.shape()[0] == s.batch && v.shape()[0] == s.batch, "one batch");
    shapes(k.shape()[3] == s.d, "query and key of equal features");
    shapes(v.shape()[s.steps_axis] == s.key_steps, "a value for every key");
    shapes(v.shape()[s.heads_axis] == s.key_heads && s.key_heads > 0 && s.heads % s.key_heads == 0,
           "heads of key and value that divide those of the query");
    require(q.dtype() == k.dtype() && k.dtype() == v.dtype(),
            "scaled_dot_product_attention: expected one dtype, got query {}, key {} and value {}", name_of(q.dtype()),
            name_of(k.dtype()), name_of(v.dtype()));
    require<std::invalid_argument>(0 <= o.dropout && o.dropout <= 1,
                                   "scaled_dot_product_attention: expected 0 <= dropout <= 1, got {}", o.dropout);
    require<std::invalid_argument>(o.window.value_or(1) > 0,
                                   "scaled_dot_product_attention: expected window > 0, got {}", o.window.value_or(1));
    if (!o.mask.defined()) return s;
    require(o.mask.dtype() == boolean, "scaled_dot_product_attention: expected a mask of dtype bool, got {}",
            name_of(o.mask.dtype()));
    const Shape whole{s.batch, s.heads, s.steps, s.key_steps};
    bool fits = o.mask.rank() <= 4;
    for (int a = 1; fits && a <= o.mask.rank(); ++a) {
        const auto n = o.mask.shape()[o.mask.rank() - a];
        fits = n == 1 || n == whole[4 - a];
    }
    require(fits, "scaled_dot_product_attention: expected a mask that broadcasts to {}, got {}", whole, o.mask.shape());
    return s;
}
double scale_of(const Options& o, std::int64_t d) { return o.scale.value_or(d ? 1 / std::sqrt(double(d)) : 1); }

/// Which keys a query may attend, as one mask; undefined if all.
Tensor whole_mask(const Sizes& s, const Options& o) {
    Tensor mask = o.mask;
    const auto narrow = [&](const Tensor& also) { mask = mask.defined() ? logical_and(mask, also) : also; };
    const Tensor i = reshape(arange(0, s.steps, 1, i64), {-1, 1}), j = arange(0, s.key_steps, 1, i64);
    if (o.causal) narrow(j <= i);
    if (o.window) narrow(logical_and(j - i < *o.window, i - j < *o.window));
    return mask;
}
kernel::AttentionSizes kernel_sizes(const Sizes& s, const Options& o, RandomKey key) {
    kernel::AttentionSizes k{s.batch,
                             s.heads,
                             s.key_heads,
                             s.steps,
                             s.key_steps,
                             s.d,
                             s.dv,
                             o.heads_first,
                             o.causal,
                             o.window.value_or(0),
                             scale_of(o, s.d),
                             nullptr,
                             {},
                             o.dropout,
                             key};
    if (!o.mask.defined()) return k;
    k.mask = o.mask.raw<bool>();
    std::int64_t stride = 1;
    for (int a = 1; a <= o.mask.rank(); ++a) {
        const auto n = o.mask.shape()[o.mask.rank() - a];
        k.mask_strides[std::size_t(4 - a)] = n == 1 ? 0 : stride;
        stride *= n;
    }
    return k;
}

/// In operations: the weights before and after dropout, and the output.
struct Composed {
    Tensor y, weights;
};
Composed compose(const Tensor& q, const Tensor& k, const Tensor& v, const Sizes& s, const Options& o, RandomKey key) {
    const auto heads_first = [&](const Tensor& x) { return o.heads_first ? x : swapaxes(x, 1, 2); };
    const auto spread = [&](const Tensor& x) {
        const Tensor moved = heads_first(x);
        return s.heads == s.key_heads ? moved : repeat(moved, s.heads / s.key_heads, 1);
    };
    const Tensor scores = matmul(heads_first(q) * scale_of(o, s.d), spread(k), {.transpose_b = true});
    const Tensor mask = whole_mask(s, o);
    Tensor weights = mask.defined() ? where(mask, scores, std::numeric_limits<float>::lowest()) : scores;
    weights = softmax(weights);
    if (mask.defined()) weights = where(mask, weights, 0);
    Tensor kept = weights;
    if (o.dropout > 0) {
        const Tensor keep = Tensor::empty({s.batch, s.heads, s.steps, s.key_steps}, q.dtype());
        dispatch_float(q.dtype(), "scaled_dot_product_attention",
                       [&]<class T> { kernel::attention_keep(keep.raw<T>(), kernel_sizes(s, o, key)); });
        kept = weights * keep;
    }
    return {heads_first(matmul(kept, spread(v))), weights};
}
RandomKey key_for(const Options& o) { return o.key ? *o.key : o.dropout > 0 ? next_key() : RandomKey{}; }

Tensor fused(const Tensor& q, const Tensor& k, const Tensor& v, const Sizes& s, const Options& o, RandomKey key) {
    Shape shape = q.shape();
    shape[3] = s.dv;
    const Tensor y = Tensor::empty(shape, q.dtype()), log_sums = Tensor::empty({s.batch, s.heads, s.steps}, q.dtype());
    constexpr const char* op = "scaled_dot_product_attention";
    dispatch_float(q.dtype(), op, [&]<class T> {
        kernel::attention(y.raw<T>(), log_sums.raw<T>(), q.raw<T>(), k.raw<T>(), v.raw<T>(), kernel_sizes(s, o, key));
    });
    if (modes.anomaly) detail::expect_finite(op, y, {&q, &k, &v});
    const Saved mask = o.mask.defined() ? Saved(o.mask) : Saved();
    return record(
        op, [&] { return Tensors{y}; }, {q, k, v},
        [=, q = Saved(q), k = Saved(k), v = Saved(v), y = Saved(y)](const Tensors& dys) -> Tensors {
            if (mask) mask.get();  // unchanged since
            const Tensor& dy = dys[0];
            if (modes.grad || detail::is_batched(dy))
                return detail::pull_through(
                    [&](const Tensors& in) { return compose(in[0], in[1], in[2], s, o, key).y; }, {q, k, v}, dy);
            const auto like = [](const Tensor& x) { return Tensor::empty(x.shape(), x.dtype()); };
            const Tensor dq = like(q), dk = like(k), dv = like(v);
            dispatch_float(dy.dtype(), op, [&]<class T> {
                kernel::attention_backward(dq.raw<T>(), dk.raw<T>(), dv.raw<T>(), dy.raw<T>(), y.get().raw<T>(),
                                           log_sums.raw<T>(), q.get().raw<T>(), k.get().raw<T>(), v.get().raw<T>(),
                                           kernel_sizes(s, o, key));
            });
            return {dq, dk, dv};
        })[0];
}
}  // namespace

Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value, Options options) {
    const Tensor q = detail::as_float(query), k = detail::as_float(key), v = detail::as_float(value);
    const Sizes s = check(q, k, v, options);
    const RandomKey random = key_for(options);
    const bool in_vmap = detail::level_of(q, k, v) || (options.mask.defined() && detail::is_batched(options.mask));
    return in_vmap ? compose(q, k, v, s, options, random).y : fused(q, k, v, s, options, random);
}
AttentionResult attention_with_weights(const Tensor& query, const Tensor& key, const Tensor& value, Options options) {
    const Tensor q = detail::as_float(query), k = detail::as_float(key), v = detail::as_float(value);
    const Sizes s = check(q, k, v, options);
    auto [y, weights] = compose(q, k, v, s, options, key_for(options));
    return {y, weights};
}

}  // namespace xg
