#include "attention.h"
#include <limits>
#include "../../autograd/ops/activation.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/dropout.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/logic.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"
#include "draw.h"

namespace xg {

template <class F> void fields(AttentionOptions& o, F&& field) {
    field("use_scale", o.use_scale);
    field("score_mode", o.score_mode);
    field("dropout", o.dropout);
    field("seed", o.seed);
}
template <class F> void fields(AdditiveAttentionOptions& o, F&& field) {
    field("use_scale", o.use_scale);
    field("dropout", o.dropout);
    field("seed", o.seed);
}

namespace {
void check_dropout(const char* layer, double rate) {
    require<std::invalid_argument>(0 <= rate && rate <= 1, "{}: expected 0 <= dropout <= 1, got {}", layer, rate);
}
/// Where scores (batch, T, S) count; undefined if everywhere.
Tensor score_mask(const Shape& scores, const Tensor& value, const AttendOptions& o) {
    Tensor mask = o.mask;
    const auto narrow = [&](const Tensor& also) { mask = mask.defined() ? logical_and(mask, also) : also; };
    if (value.mask().defined()) narrow(expand_dims(value.mask(), 1));
    if (o.causal) narrow(arange(0, scores[2], 1, i64) <= reshape(arange(0, scores[1], 1, i64), {-1, 1}));
    return mask;
}
AttentionResult weighted(Tensor scores, const Tensor& query, const Tensor& value, const AttendOptions& o, double rate,
                         std::int64_t seed, std::uint64_t& calls) {
    const Tensor mask = score_mask(scores.shape(), value, o);
    if (mask.defined()) scores = where(mask, scores, std::numeric_limits<float>::lowest());
    Tensor weights = softmax(scores);
    if (mask.defined()) weights = where(mask, weights, 0);
    if (Training::on() && rate > 0) weights = dropout(weights, rate, detail::draw(seed, calls));
    Tensor y = matmul(weights, value);
    if (query.mask().defined()) {
        y = where(expand_dims(query.mask(), -1), y, 0);
        y.set_mask(query.mask());
    }
    return {y, weights};
}
void check_inputs(const Tensor& query, const Tensor& value, const Tensor& key) {
    require(query.rank() == 3 && value.rank() == 3 && key.rank() == 3,
            "expected query, value and key (batch, steps, features), got {}, {} and {}", query.shape(), value.shape(),
            key.shape());
    require(query.shape()[2] == key.shape()[2] && value.shape()[1] == key.shape()[1],
            "expected a key of the query's features and the value's steps, got query {}, value {} and key {}",
            query.shape(), value.shape(), key.shape());
}
}  // namespace

AttentionResult AttentionLayer::attend_with_weights(const Tensor& query, const Tensor& value, AttendOptions options) {
    if (!options.key.defined()) options.key = value;
    return enter(query, [&] { return compute(query, value, options, true); });
}
Tensor AttentionLayer::attend(const Tensor& query, const Tensor& value, AttendOptions options) {
    if (!options.key.defined()) options.key = value;
    return enter(query, [&] { return compute(query, value, options, false).y; });
}
Tensor AttentionLayer::forward(const Tensors& in) {
    require<std::invalid_argument>(in.size() == 2 || in.size() == 3,
                                   "{}: expected query, value and perhaps key, got {} inputs", type(), in.size());
    return compute(in[0], in[1], {.key = in.back()}, false).y;
}

Attention::Attention(AttentionOptions options) : options_(std::move(options)) {
    check_dropout("Attention", options_.dropout);
    require<std::invalid_argument>(options_.score_mode == "dot" || options_.score_mode == "concat",
                                   "Attention: expected score_mode dot or concat, got \"{}\"", options_.score_mode);
}
void Attention::build(const Shape&) {
    if (options_.use_scale) scale_ = parameter("scale", Shape(), Ones());
    if (options_.score_mode == "concat") concat_score_weight_ = parameter("concat_score_weight", Shape(), Ones());
}
AttentionResult Attention::compute(const Tensor& query, const Tensor& value, const AttendOptions& o, bool) {
    check_inputs(query, value, o.key);
    Tensor scores;
    if (options_.score_mode == "dot") {
        scores = matmul(scale_.defined() ? query * scale_ : query, o.key, {.transpose_b = true});
    } else {
        const Tensor both = expand_dims(query, 2) + expand_dims(o.key, 1);
        scores = concat_score_weight_ * sum(tanh(scale_.defined() ? scale_ * both : both), -1);
    }
    return weighted(scores, query, value, o, options_.dropout, options_.seed, calls_);
}
void Attention::describe(Config& config) const { write(config, options_); }
Attention Attention::from_config(const Config& config) {
    return Attention(read<AttentionOptions>("Attention", config));
}

AdditiveAttention::AdditiveAttention(AdditiveAttentionOptions options) : options_(options) {
    check_dropout("AdditiveAttention", options.dropout);
}
void AdditiveAttention::build(const Shape& query) {
    if (options_.use_scale) scale_ = parameter("scale", {query.back()}, GlorotUniform());
}
AttentionResult AdditiveAttention::compute(const Tensor& query, const Tensor& value, const AttendOptions& o, bool) {
    check_inputs(query, value, o.key);
    const Tensor both = tanh(expand_dims(query, 2) + expand_dims(o.key, 1));
    return weighted(sum(scale_.defined() ? scale_ * both : both, -1), query, value, o, options_.dropout, options_.seed,
                    calls_);
}
void AdditiveAttention::describe(Config& config) const { write(config, options_); }
AdditiveAttention AdditiveAttention::from_config(const Config& config) {
    return AdditiveAttention(read<AdditiveAttentionOptions>("AdditiveAttention", config));
}

}  // namespace xg
