#include "multi_head_attention.h"
#include <algorithm>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/logic.h"
#include "../config.h"
#include "draw.h"
#include "weight_fields.h"

namespace xg {

template <class F> void fields(MultiHeadAttentionOptions& o, F&& field) {
    field("num_heads", o.num_heads);
    field("key_dim", o.key_dim);
    field("value_dim", o.value_dim);
    field("dropout", o.dropout);
    field("use_bias", o.use_bias);
    field("output_shape", o.output_shape);
    field("attention_axes", o.attention_axes);
    field("sliding_window", o.sliding_window);
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
    field("use_gate", o.use_gate);
    field("seed", o.seed);
}
template <class F> void fields(GroupQueryAttentionOptions& o, F&& field) {
    field("head_dim", o.head_dim);
    field("num_query_heads", o.num_query_heads);
    field("num_key_value_heads", o.num_key_value_heads);
    field("dropout", o.dropout);
    field("use_bias", o.use_bias);
    field("sliding_window", o.sliding_window);
    kernel_fields(o, field);
    field("activity_regularizer", o.activity_regularizer);
    field("use_gate", o.use_gate);
    field("seed", o.seed);
}

namespace {
/// The axes along which steps lie behind all others, as one: (batch and others, steps, features...).
struct Fold {
    Shape outer, steps;  // without the batch axis; along the attention axes
    int order[max_rank], back[max_rank], rank;

    Fold(const Shape& x, const std::vector<int>& axes) : rank(x.rank()) {
        unsigned along = 0;
        for (const int a : axes) {
            const int axis = normalize_axis(a, rank, "MultiHeadAttention");
            require(0 < axis && axis < rank - 1,
                    "expected attention_axes between batch and features, got axis {} of {}", a, x);
            along |= 1u << axis;
        }
        if (axes.empty()) along = (1u << (rank - 1)) - 2;
        int next = 0;
        order[next++] = 0;
        for (const bool inside : {false, true})
            for (int a = 1; a < rank - 1; ++a)
                if (bool(along >> a & 1) == inside) order[next++] = a, (inside ? steps : outer).push_back(x[a]);
        order[next] = rank - 1;
        for (int i = 0; i < rank; ++i) back[order[i]] = i;
    }
    Tensor in(const Tensor& x) const {
        if (rank == 3) return x;
        return reshape(detail::permute(x, order), {x.shape()[0] * outer.numel(), steps.numel(), x.shape().back()});
    }
    Tensor out(const Tensor& y, std::int64_t batch) const {
        if (rank == 3) return y;
        Shape shape{batch};
        for (const Shape* part : {&outer, &steps})
            for (const auto extent : *part) shape.push_back(extent);
        const int more = y.rank() - 2;  // axes of features
        for (int a = 2; a < y.rank(); ++a) shape.push_back(y.shape()[a]);
        int axes[max_rank];
        for (int i = 0; i < rank - 1 + more; ++i) axes[i] = i < rank - 1 ? back[i] : i;
        return detail::permute(reshape(y, shape), axes);
    }
};
/// The mask (batch, steps) that rides on x, for what fold.in() makes of x: (batch and others, steps).
Tensor folded_mask(const Tensor& x, const Fold& fold) {
    if (!x.mask().defined() || x.rank() == 3) return x.mask();
    Shape shape(x.shape().begin(), x.shape().begin() + 2), whole = x.shape();
    while (shape.rank() < x.rank()) shape.push_back(1);
    whole.back() = 1;
    const Tensor folded = fold.in(broadcast_to(reshape(x.mask(), shape), whole));
    return reshape(folded, {folded.shape()[0], folded.shape()[1]});
}
/// Weights (batch and others, heads, T, S) as (batch, others..., heads, T..., S...).
Tensor unfolded_weights(const Tensor& w, const Fold& query, const Fold& value, std::int64_t batch) {
    if (query.rank == 3) return w;
    Shape shape{batch};
    for (const auto extent : query.outer) shape.push_back(extent);
    shape.push_back(w.shape()[1]);
    for (const Shape* part : {&query.steps, &value.steps})
        for (const auto extent : *part) shape.push_back(extent);
    return reshape(w, shape);
}
/// The given mask and those of the inputs as one that broadcasts to (batch and others, heads, T, S).
Tensor whole_mask(const Tensor& query, const Tensor& value, const AttendOptions& o, const Shape& weights,
                  const Fold& query_fold, const Fold& value_fold) {
    Tensor mask = o.mask;
    if (mask.defined() && query.rank() > 3) mask = reshape(mask, {weights[0], 1, weights[2], weights[3]});
    else if (mask.defined() && mask.rank() == 3) mask = expand_dims(mask, 1);
    const auto narrow = [&](const Tensor& also) { mask = mask.defined() ? logical_and(mask, also) : also; };
    const Tensor on_query = folded_mask(query, query_fold), on_value = folded_mask(value, value_fold),
                 on_key = folded_mask(o.key, value_fold);
    if (on_query.defined()) narrow(reshape(on_query, {weights[0], 1, weights[2], 1}));
    if (on_value.defined()) narrow(reshape(on_value, {weights[0], 1, 1, weights[3]}));
    if (on_key.defined() && o.key.impl() != value.impl()) narrow(reshape(on_key, {weights[0], 1, 1, weights[3]}));
    return mask;
}
void check_positive(const char* layer, const char* name, std::int64_t n) {
    require<std::invalid_argument>(n > 0, "{}: expected {} > 0, got {}", layer, name, n);
}
void check_shared(const char* layer, double dropout, const std::optional<std::int64_t>& window) {
    require<std::invalid_argument>(0 <= dropout && dropout <= 1, "{}: expected 0 <= dropout <= 1, got {}", layer,
                                   dropout);
    if (window) check_positive(layer, "sliding_window", *window);
}
}  // namespace

EinsumDense& HeadsAttention::projection(const char* name, const char* equation, Extents output, const char* bias_axes,
                                        Function activation) {
    EinsumDenseOptions o = heads_.projection;
    o.equation = equation;
    o.output_shape = std::move(output);
    o.activation = std::move(activation);
    o.bias_axes = heads_.use_bias ? bias_axes : "";
    return child(name, EinsumDense(std::move(o)));
}
HeadsAttention::HeadsAttention(Heads heads)
    : heads_(std::move(heads)),
      query_(projection("query", "...c,chd->...hd", {heads_.query_heads, heads_.key_dim}, "hd")),
      key_(projection("key", "...c,chd->...hd", {heads_.key_heads, heads_.key_dim}, "hd")),
      gate_(heads_.use_gate ? &projection("gate", "...c,chd->...hd", {heads_.query_heads, heads_.value_dim}, "hd",
                                          Function("sigmoid"))
                            : nullptr),
      value_(projection("value", "...c,chd->...hd", {heads_.key_heads, heads_.value_dim}, "hd")) {}
void HeadsAttention::build(const Shape& query) {
    require(query.rank() >= 3, "expected query (batch, steps, features), got {}", query);
    static const std::string letters = "opqrstuv";
    Extents output = heads_.output_shape.list.empty() ? Extents(query.back()) : heads_.output_shape;
    const std::string features = letters.substr(0, output.list.size());
    output_ = &projection("attention_output", ("...hd,hd" + features + "->..." + features).c_str(), std::move(output),
                          features.c_str());
}
AttentionResult HeadsAttention::compute(const Tensor& query, const Tensor& value, const AttendOptions& o,
                                        bool weights) {
    require(query.rank() >= 3 && value.rank() == query.rank() && o.key.rank() == query.rank(),
            "expected query, value and key (batch, steps, features), got {}, {} and {}", query.shape(), value.shape(),
            o.key.shape());
    const auto batch = query.shape()[0];
    const Fold query_fold(query.shape(), heads_.axes), value_fold(value.shape(), heads_.axes);
    const Tensor folded = query_fold.in(query), q = query_(folded),
                 k = key_(o.key.impl() == value.impl() ? value_fold.in(value)
                                                       : Fold(o.key.shape(), heads_.axes).in(o.key)),
                 v = value_(value_fold.in(value));
    const Shape shape{q.shape()[0], heads_.query_heads, q.shape()[1], k.shape()[1]};
    ScaledDotProductOptions options{.causal = o.causal,
                                    .mask = whole_mask(query, value, o, shape, query_fold, value_fold),
                                    .window = heads_.window,
                                    .heads_first = false};
    if (Training::on() && heads_.dropout > 0) {
        options.dropout = heads_.dropout;
        options.key = detail::draw(heads_.seed, calls_);
    }
    AttentionResult result = weights ? attention_with_weights(q, k, v, options)
                                     : AttentionResult{scaled_dot_product_attention(q, k, v, options), {}};
    if (gate_) result.y = result.y * (*gate_)(folded);
    result.y = query_fold.out((*output_)(result.y), batch);
    if (query.mask().defined()) result.y.set_mask(query.mask());
    if (weights) result.weights = unfolded_weights(result.weights, query_fold, value_fold, batch);
    return result;
}

MultiHeadAttention::MultiHeadAttention(MultiHeadAttentionOptions o)
    : HeadsAttention({o.num_heads, o.num_heads, o.key_dim, o.value_dim.value_or(o.key_dim), o.output_shape,
                      o.attention_axes, o.sliding_window, o.use_bias, o.use_gate, o.dropout, o.seed,
                      projection_options(o)}),
      options_(std::move(o)) {
    check_positive("MultiHeadAttention", "num_heads", options_.num_heads);
    check_positive("MultiHeadAttention", "key_dim", options_.key_dim);
    check_positive("MultiHeadAttention", "value_dim", options_.value_dim.value_or(1));
    check_shared("MultiHeadAttention", options_.dropout, options_.sliding_window);
}
void MultiHeadAttention::describe(Config& config) const { write(config, options_); }
MultiHeadAttention MultiHeadAttention::from_config(const Config& config) {
    return MultiHeadAttention(read<MultiHeadAttentionOptions>("MultiHeadAttention", config));
}

GroupQueryAttention::GroupQueryAttention(GroupQueryAttentionOptions o)
    : HeadsAttention({o.num_query_heads,
                      o.num_key_value_heads,
                      o.head_dim,
                      o.head_dim,
                      {},
                      {},
                      o.sliding_window,
                      o.use_bias,
                      o.use_gate,
                      o.dropout,
                      o.seed,
                      projection_options(o)}),
      options_(std::move(o)) {
    check_positive("GroupQueryAttention", "head_dim", options_.head_dim);
    check_positive("GroupQueryAttention", "num_query_heads", options_.num_query_heads);
    check_positive("GroupQueryAttention", "num_key_value_heads", options_.num_key_value_heads);
    require<std::invalid_argument>(
        options_.num_query_heads % options_.num_key_value_heads == 0,
        "GroupQueryAttention: expected num_key_value_heads to divide num_query_heads {}, got {}",
        options_.num_query_heads, options_.num_key_value_heads);
    check_shared("GroupQueryAttention", options_.dropout, options_.sliding_window);
}
void GroupQueryAttention::describe(Config& config) const { write(config, options_); }
GroupQueryAttention GroupQueryAttention::from_config(const Config& config) {
    return GroupQueryAttention(read<GroupQueryAttentionOptions>("GroupQueryAttention", config));
}

}  // namespace xg
