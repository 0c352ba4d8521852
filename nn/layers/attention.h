#pragma once
#include "../../autograd/ops/attention.h"
#include "../module.h"

namespace xg {

/// What a call of an attention layer may be given beside query and value.
struct AttendOptions {
    Tensor key = {};   // the value, if undefined
    Tensor mask = {};  // bool, broadcasts to (batch, T, S): true where a query attends; (batch, heads, T, S) too
    bool causal = false;
};
/// A layer of query (batch, T, ...), value (batch, S, ...) and key. `layer(query, value)` and `layer(query, value,
/// key)` too. Masks that ride on the inputs leave steps out: keys are not attended; the output keeps the query's mask.
class AttentionLayer : public Module {
public:
    Tensor attend(const Tensor& query, const Tensor& value, AttendOptions options = {});
    /// The same, and the weights (batch, heads, T, S) of each value, which costs memory that grows with T S.
    AttentionResult attend_with_weights(const Tensor& query, const Tensor& value, AttendOptions options = {});
    Tensor forward(const Tensors& inputs) override;
    /// Self-attention.
    Tensor forward(const Tensor& x) override { return forward(Tensors{x, x}); }

protected:
    /// `options.key` is defined; the weights may stay undefined unless they are wanted.
    virtual AttentionResult compute(const Tensor& query, const Tensor& value, const AttendOptions& options,
                                    bool weights) = 0;
};

struct AttentionOptions {
    bool use_scale = false;          // a trained number that multiplies the scores
    std::string score_mode = "dot";  // query . key without 1 / sqrt(d), or "concat": sum(tanh(query + key))
    double dropout = 0;              // of the weights
    std::int64_t seed = -1;          // -1: from the global stream
};
/// softmax(scores) value (Luong et al. 2015). Query (batch, T, d), value (batch, S, dv), output (batch, T, dv); weights
/// (batch, T, S). Where the query is masked the output is 0.
class Attention : public AttentionLayer {
public:
    explicit Attention(AttentionOptions options = {});
    void build(const Shape& query) override;
    void describe(Config& config) const override;
    static Attention from_config(const Config& config);

private:
    AttentionResult compute(const Tensor& query, const Tensor& value, const AttendOptions& options,
                            bool weights) override;

    AttentionOptions options_;
    Tensor scale_, concat_score_weight_;
    std::uint64_t& calls_ = counter("calls");
};

struct AdditiveAttentionOptions {
    bool use_scale = true;  // a trained number a feature
    double dropout = 0;
    std::int64_t seed = -1;
};
/// The same with scores sum(scale tanh(query + key)) (Bahdanau et al. 2015).
class AdditiveAttention : public AttentionLayer {
public:
    explicit AdditiveAttention(AdditiveAttentionOptions options = {});
    void build(const Shape& query) override;
    void describe(Config& config) const override;
    static AdditiveAttention from_config(const Config& config);

private:
    AttentionResult compute(const Tensor& query, const Tensor& value, const AttendOptions& options,
                            bool weights) override;

    AdditiveAttentionOptions options_;
    Tensor scale_;
    std::uint64_t& calls_ = counter("calls");
};

}  // namespace xg
