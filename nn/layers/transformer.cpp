#include "transformer.h"
#include "../../autograd/ops/arithmetic.h"
#include "../config.h"

namespace xg {

namespace {
template <class Options, class F> void block_fields(Options& o, F&& field) {
    field("intermediate_dim", o.intermediate_dim);
    field("num_heads", o.num_heads);
    field("dropout", o.dropout);
    field("activation", o.activation);
    field("layer_norm_epsilon", o.layer_norm_epsilon);
    field("kernel_initializer", o.kernel_initializer);
    field("bias_initializer", o.bias_initializer);
    field("normalize_first", o.normalize_first);
}
}  // namespace
template <class F> void fields(TransformerEncoderOptions& o, F&& field) { block_fields(o, field); }
template <class F> void fields(TransformerDecoderOptions& o, F&& field) {
    block_fields(o, field);
    field("cross_attention", o.cross_attention);
}

namespace {
template <class Options> void check(const char* layer, const Options& o) {
    require<std::invalid_argument>(o.intermediate_dim > 0, "{}: expected intermediate_dim > 0, got {}", layer,
                                   o.intermediate_dim);
    require<std::invalid_argument>(o.num_heads > 0, "{}: expected num_heads > 0, got {}", layer, o.num_heads);
}
template <class Options> void check_input(const Options& o, const Shape& input) {
    require(input.rank() == 3 && input[2] % o.num_heads == 0,
            "expected input (batch, steps, features) of {} heads of equal size, got {}", o.num_heads, input);
}
template <class Options> MultiHeadAttention attention(const Options& o, std::int64_t features) {
    return MultiHeadAttention({.num_heads = o.num_heads,
                               .key_dim = features / o.num_heads,
                               .dropout = o.dropout,
                               .kernel_initializer = o.kernel_initializer,
                               .bias_initializer = o.bias_initializer});
}
template <class Options> Dense dense(const Options& o, std::int64_t units, Function activation = {}) {
    return Dense({.units = units,
                  .activation = std::move(activation),
                  .kernel_initializer = o.kernel_initializer,
                  .bias_initializer = o.bias_initializer});
}
template <class Options> LayerNormalization norm(const Options& o) {
    return LayerNormalization({.epsilon = o.layer_norm_epsilon});
}
/// x + part(x), normalized before or after.
template <class F>
Tensor residual(const Tensor& x, LayerNormalization& norm, Dropout& dropout, bool normalize_first, const F& part) {
    if (normalize_first) return x + dropout(part(norm(x)));
    return norm(x + dropout(part(x)));
}
/// A tensor made of x keeps which of its steps count.
Tensor keep_mask(const Tensor& y, const Tensor& x) {
    if (x.mask().defined()) y.set_mask(x.mask());
    return y;
}
}  // namespace

TransformerEncoder::TransformerEncoder(TransformerEncoderOptions options)
    : options_((check("TransformerEncoder", options), std::move(options))),
      intermediate_(child("feedforward_intermediate", dense(options_, options_.intermediate_dim, options_.activation))),
      attention_norm_(child("self_attention_norm", norm(options_))),
      feedforward_norm_(child("feedforward_norm", norm(options_))),
      dropout_(child("dropout", Dropout(options_.dropout))) {}
void TransformerEncoder::build(const Shape& input) {
    check_input(options_, input);
    attention_ = &child("self_attention", attention(options_, input[2]));
    output_ = &child("feedforward_output", dense(options_, input[2]));
}
Tensor TransformerEncoder::encode(const Tensor& x, AttendOptions options) {
    return enter(x, [&] { return run(x, options); });
}
Tensor TransformerEncoder::run(const Tensor& x, const AttendOptions& o) {
    const Tensor attended = residual(x, attention_norm_, dropout_, options_.normalize_first, [&](const Tensor& in) {
        return attention_->attend(keep_mask(in, x), in, {.mask = o.mask, .causal = o.causal});
    });
    const Tensor y = residual(attended, feedforward_norm_, dropout_, options_.normalize_first,
                              [&](const Tensor& in) { return (*output_)(intermediate_(in)); });
    return keep_mask(y, x);
}
void TransformerEncoder::describe(Config& config) const { write(config, options_); }
TransformerEncoder TransformerEncoder::from_config(const Config& config) {
    return TransformerEncoder(read<TransformerEncoderOptions>("TransformerEncoder", config));
}

TransformerDecoder::TransformerDecoder(TransformerDecoderOptions options)
    : options_((check("TransformerDecoder", options), std::move(options))),
      intermediate_(child("feedforward_intermediate", dense(options_, options_.intermediate_dim, options_.activation))),
      attention_norm_(child("self_attention_norm", norm(options_))),
      feedforward_norm_(child("feedforward_norm", norm(options_))),
      dropout_(child("dropout", Dropout(options_.dropout))) {}
void TransformerDecoder::build(const Shape& input) {
    check_input(options_, input);
    attention_ = &child("self_attention", attention(options_, input[2]));
    if (options_.cross_attention) {
        cross_attention_ = &child("cross_attention", attention(options_, input[2]));
        cross_norm_ = &child("cross_attention_norm", norm(options_));
    }
    output_ = &child("feedforward_output", dense(options_, input[2]));
}
Tensor TransformerDecoder::forward(const Tensor& x) { return forward(Tensors{x}); }
Tensor TransformerDecoder::forward(const Tensors& in) {
    require<std::invalid_argument>(in.size() == (options_.cross_attention ? 2 : 1),
                                   "TransformerDecoder: expected {} inputs with cross_attention {}, got {}",
                                   options_.cross_attention ? 2 : 1, options_.cross_attention, in.size());
    const Tensor& x = in[0];
    Tensor y = residual(x, attention_norm_, dropout_, options_.normalize_first,
                        [&](const Tensor& to) { return attention_->attend(keep_mask(to, x), to, {.causal = true}); });
    if (options_.cross_attention)
        y = residual(y, *cross_norm_, dropout_, options_.normalize_first,
                     [&](const Tensor& to) { return cross_attention_->attend(keep_mask(to, x), in[1]); });
    y = residual(y, feedforward_norm_, dropout_, options_.normalize_first,
                 [&](const Tensor& to) { return (*output_)(intermediate_(to)); });
    return keep_mask(y, x);
}
void TransformerDecoder::describe(Config& config) const { write(config, options_); }
TransformerDecoder TransformerDecoder::from_config(const Config& config) {
    return TransformerDecoder(read<TransformerDecoderOptions>("TransformerDecoder", config));
}

}  // namespace xg
