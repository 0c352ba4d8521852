#pragma once
#include "../module.h"

namespace xg {

struct EmbeddingOptions {
    std::int64_t input_dim = 0, output_dim = 0;
    Box<Initializer> embeddings_initializer =
        defaults::either<Box<Initializer>>(RandomUniform(), RandomNormal({.stddev = 1}));
    Box<Regularizer> embeddings_regularizer = {};
    Box<Constraint> embeddings_constraint = {};
    bool mask_zero = false;  // 0 is no word: it is masked
};
/// A learned row for each number in [0, input_dim). Input (batch, ...) of whole numbers, output (batch, ...,
/// output_dim).
class Embedding : public Module {
public:
    Embedding(std::int64_t input_dim, std::int64_t output_dim, EmbeddingOptions options = {})
        : Embedding((options.input_dim = input_dim, options.output_dim = output_dim, std::move(options))) {}
    explicit Embedding(EmbeddingOptions options);
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static Embedding from_config(const Config& config);

private:
    EmbeddingOptions options_;
    Tensor embeddings_;
};

}  // namespace xg
