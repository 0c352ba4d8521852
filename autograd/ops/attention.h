#pragma once
#include <optional>
#include "../../tensor/random.h"
#include "../../tensor/tensor.h"

namespace xg {

struct ScaledDotProductOptions {
    bool causal = false;                // query i attends keys 0 ... i only
    Tensor mask = {};                   // bool, broadcasts to (batch, heads, T, S): true where a query attends a key
    std::optional<double> scale = {};   // 1 / sqrt(d)
    double dropout = 0;                 // of the weights; drawn again in the backward pass, not kept
    std::optional<RandomKey> key = {};  // what dropout draws from; the global stream's next
    std::optional<std::int64_t> window = {};  // |i - j| < window only
    bool heads_first = true;                  // else tensors are (batch, T, heads, d)
};
/// softmax(query key^T scale) value. Query (batch, heads, T, d), key (batch, heads, S, d), value (batch, heads, S, dv),
/// output (batch, heads, T, dv); keys may have fewer heads, each shared by as many neighbouring ones of the query.
/// Memory grows with T + S, not with their product (Dao et al. 2022). A query that attends nothing gives 0.
Tensor scaled_dot_product_attention(const Tensor& query, const Tensor& key, const Tensor& value,
                                    ScaledDotProductOptions options = {});
struct AttentionResult {
    Tensor y, weights;  // (batch, heads, T, S)
};
/// The same with the weights (before dropout), in memory that grows with T S.
AttentionResult attention_with_weights(const Tensor& query, const Tensor& key, const Tensor& value,
                                       ScaledDotProductOptions options = {});

}  // namespace xg
