#include "embedding.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/indexing.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"

namespace xg {

template <class F> void fields(EmbeddingOptions& o, F&& field) {
    field("input_dim", o.input_dim);
    field("output_dim", o.output_dim);
    field("embeddings_initializer", o.embeddings_initializer);
    field("embeddings_regularizer", o.embeddings_regularizer);
    field("embeddings_constraint", o.embeddings_constraint);
    field("mask_zero", o.mask_zero);
}

Embedding::Embedding(EmbeddingOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.input_dim > 0 && options_.output_dim > 0,
                                   "Embedding: expected input_dim and output_dim > 0, got {} and {}",
                                   options_.input_dim, options_.output_dim);
}
void Embedding::build(const Shape&) {
    const auto& o = options_;
    embeddings_ = parameter("embeddings", {o.input_dim, o.output_dim}, o.embeddings_initializer,
                            o.embeddings_regularizer, o.embeddings_constraint);
}
Tensor Embedding::forward(const Tensor& x) {
    const Tensor at = x.detach().to(i64);
    require<std::invalid_argument>(!is_float(x.dtype()) || every(at.to(x.dtype()) == x.detach()).item<bool>(),
                                   "Embedding: expected whole numbers, got fractions");
    if (at.numel() > 0) {
        const auto low = min(at).item<std::int64_t>(), high = max(at).item<std::int64_t>();
        require<std::invalid_argument>(0 <= low && high < options_.input_dim,
                                       "Embedding: expected numbers in [0, {}), got {}", options_.input_dim,
                                       low < 0 ? low : high);
    }
    const Tensor y = take(embeddings_, at);
    if (options_.mask_zero) y.set_mask(at != 0);
    return y;
}
void Embedding::describe(Config& config) const { write(config, options_); }
Embedding Embedding::from_config(const Config& config) {
    return Embedding(read<EmbeddingOptions>("Embedding", config));
}

}  // namespace xg
