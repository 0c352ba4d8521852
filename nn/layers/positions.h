#pragma once
#include "../module.h"

namespace xg {

struct SinePositionEncodingOptions {
    double max_wavelength = 10000;
};
/// Sines and cosines of the position, of growing wavelength from feature to feature (Vaswani et al. 2017). Input
/// (batch, steps, features); output: what to add to it, of its shape.
class SinePositionEncoding : public Module {
public:
    explicit SinePositionEncoding(SinePositionEncodingOptions options = {});
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static SinePositionEncoding from_config(const Config& config);

private:
    SinePositionEncodingOptions options_;
};

struct PositionEmbeddingOptions {
    std::int64_t sequence_length = 0;  // the longest
    Box<Initializer> initializer = GlorotUniform();
};
/// A trained vector a position. Input (batch, steps, features); output: what to add to it, of its shape.
class PositionEmbedding : public Module {
public:
    explicit PositionEmbedding(std::int64_t sequence_length)
        : PositionEmbedding(PositionEmbeddingOptions{.sequence_length = sequence_length}) {}
    explicit PositionEmbedding(PositionEmbeddingOptions options);
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static PositionEmbedding from_config(const Config& config);

private:
    PositionEmbeddingOptions options_;
    Tensor embeddings_;
};

struct RotaryEmbeddingOptions {
    double max_wavelength = 10000;
    double scaling_factor = 1;  // of positions: they count this much less
    int sequence_axis = 1, feature_axis = -1;
};
/// Turns each pair of features (i, i + half) by an angle that grows with the position, so that query . key depends on
/// how far apart they are (Su et al. 2021). Input (batch, steps, ..., features), an even number of them; output of its
/// shape. For projected queries and keys.
class RotaryEmbedding : public Module {
public:
    explicit RotaryEmbedding(RotaryEmbeddingOptions options = {});
    Tensor forward(const Tensor& x) override { return turned(x, 0); }
    /// The first step is at position `start`.
    Tensor rotate(const Tensor& x, std::int64_t start) {
        return enter(x, [&] { return turned(x, start); });
    }
    void describe(Config& config) const override;
    static RotaryEmbedding from_config(const Config& config);

private:
    Tensor turned(const Tensor& x, std::int64_t start) const;

    RotaryEmbeddingOptions options_;
};

}  // namespace xg
