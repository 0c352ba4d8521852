#pragma once
#include <optional>
#include "attention.h"
#include "einsum_dense.h"

namespace xg {

/// Attention in several heads: projections of query, key and value, and of what the heads attend.
class HeadsAttention : public AttentionLayer {
public:
    void build(const Shape& query) override;

protected:
    struct Heads {
        std::int64_t query_heads, key_heads, key_dim, value_dim;
        Extents output_shape;  // empty: the query's features
        std::vector<int> axes;
        std::optional<std::int64_t> window;
        bool use_bias, use_gate;
        double dropout;
        std::int64_t seed;
        EinsumDenseOptions projection;  // what all have in common
    };
    explicit HeadsAttention(Heads heads);
    /// The settings of `o` that are each projection's.
    template <class Options> static EinsumDenseOptions projection_options(const Options& o) {
        return {.kernel_initializer = o.kernel_initializer,
                .bias_initializer = o.bias_initializer,
                .kernel_regularizer = o.kernel_regularizer,
                .bias_regularizer = o.bias_regularizer,
                .activity_regularizer = o.activity_regularizer,
                .kernel_constraint = o.kernel_constraint,
                .bias_constraint = o.bias_constraint};
    }

private:
    AttentionResult compute(const Tensor& query, const Tensor& value, const AttendOptions& options,
                            bool weights) override;
    EinsumDense& projection(const char* name, const char* equation, Extents output, const char* bias_axes,
                            Function activation = {});

    Heads heads_;
    EinsumDense &query_, &key_, *gate_, &value_, *output_ = nullptr;
    std::uint64_t& calls_ = counter("calls");
};

struct MultiHeadAttentionOptions {
    std::int64_t num_heads = 0;
    std::int64_t key_dim = 0;                    // features of query and key a head
    std::optional<std::int64_t> value_dim = {};  // features of the value a head; key_dim
    double dropout = 0;                          // of the weights
    bool use_bias = true;
    Extents output_shape = {};                        // features of the output; the query's
    std::vector<int> attention_axes = {};             // what steps lie along; all axes between batch and features
    std::optional<std::int64_t> sliding_window = {};  // a query attends keys less than this far away
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};  // of each projection
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> bias_constraint = {};
    bool use_gate = false;   // multiplies what a query attends by a sigmoid of the query
    std::int64_t seed = -1;  // of dropout; -1: from the global stream
};
/// Vaswani et al. 2017. Query (batch, T, features), value and key (batch, S, features), output (batch, T,
/// output_shape...); weights (batch, heads, T, S).
///     Tensor y = attention.attend(query, value, {.mask = m, .causal = true});
class MultiHeadAttention : public HeadsAttention {
public:
    MultiHeadAttention(std::int64_t num_heads, std::int64_t key_dim)
        : MultiHeadAttention(MultiHeadAttentionOptions{.num_heads = num_heads, .key_dim = key_dim}) {}
    explicit MultiHeadAttention(MultiHeadAttentionOptions options);
    void describe(Config& config) const override;
    static MultiHeadAttention from_config(const Config& config);

private:
    MultiHeadAttentionOptions options_;
};

struct GroupQueryAttentionOptions {
    std::int64_t head_dim = 0;
    std::int64_t num_query_heads = 0;
    std::int64_t num_key_value_heads = 0;  // divides num_query_heads
    double dropout = 0;
    bool use_bias = true;
    std::optional<std::int64_t> sliding_window = {};
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};  // of each projection
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> bias_constraint = {};
    bool use_gate = false;
    std::int64_t seed = -1;
};
/// The same where several heads of the query share one of key and value (Ainslie et al. 2023).
class GroupQueryAttention : public HeadsAttention {
public:
    explicit GroupQueryAttention(GroupQueryAttentionOptions options);
    void describe(Config& config) const override;
    static GroupQueryAttention from_config(const Config& config);

private:
    GroupQueryAttentionOptions options_;
};

}  // namespace xg
