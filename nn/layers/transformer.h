#pragma once
#include "../../autograd/function.h"
#include "dropout.h"
#include "dense.h"
#include "multi_head_attention.h"
#include "normalization.h"

namespace xg {

struct TransformerEncoderOptions {
    std::int64_t intermediate_dim = 0;  // units of the feed-forward part's first layer
    std::int64_t num_heads = 0;         // divides the features
    double dropout = 0;                 // of weights of attention, and of both parts' outputs
    Function activation = "relu";
    double layer_norm_epsilon = 1e-5;
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
    bool normalize_first = false;  // normalizes what goes into a part, else the sum that comes out
};
/// Self-attention and two Dense layers, each with what went in added (Vaswani et al. 2017). Input and output (batch,
/// steps, features).
class TransformerEncoder : public Module {
public:
    explicit TransformerEncoder(TransformerEncoderOptions options);
    Tensor forward(const Tensor& x) override { return run(x, {}); }
    /// With what attention may be given: a mask (batch, steps, steps), causal.
    Tensor encode(const Tensor& x, AttendOptions options);
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static TransformerEncoder from_config(const Config& config);

private:
    Tensor run(const Tensor& x, const AttendOptions& options);

    TransformerEncoderOptions options_;
    MultiHeadAttention* attention_ = nullptr;
    Dense &intermediate_, *output_ = nullptr;
    LayerNormalization &attention_norm_, &feedforward_norm_;
    Dropout& dropout_;
};

struct TransformerDecoderOptions {
    std::int64_t intermediate_dim = 0;
    std::int64_t num_heads = 0;
    double dropout = 0;
    Function activation = "relu";
    double layer_norm_epsilon = 1e-5;
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
    bool normalize_first = false;
    bool cross_attention = false;  // attends a second input too: what an encoder made of the source
};
/// The same where a step attends itself and earlier ones only, and then, with cross_attention, the encoder's output:
/// `decoder(x)`, or `decoder(x, encoded)`.
class TransformerDecoder : public Module {
public:
    explicit TransformerDecoder(TransformerDecoderOptions options);
    Tensor forward(const Tensor& x) override;
    Tensor forward(const Tensors& x_and_encoded) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static TransformerDecoder from_config(const Config& config);

private:
    TransformerDecoderOptions options_;
    MultiHeadAttention *attention_ = nullptr, *cross_attention_ = nullptr;
    Dense &intermediate_, *output_ = nullptr;
    LayerNormalization &attention_norm_, *cross_norm_ = nullptr, &feedforward_norm_;
    Dropout& dropout_;
};

}  // namespace xg
