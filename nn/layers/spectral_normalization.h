#pragma once
#include "../module.h"

namespace xg {

struct SpectralNormalizationOptions {
    std::int64_t power_iterations = 1;
};
/// Divides the kernel of the layer it wraps by its largest singular value, at every call in training: power iteration
/// from the vector of the last call (Miyato et al. 2018). Throws for a layer without a kernel or embeddings.
class SpectralNormalization : public Module {
public:
    template <std::derived_from<Module> M> explicit SpectralNormalization(M layer, SpectralNormalizationOptions o = {})
        : SpectralNormalization(std::make_shared<M>(std::move(layer)), o) {}
    explicit SpectralNormalization(std::shared_ptr<Module> layer, SpectralNormalizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static SpectralNormalization from_config(const Config& config);

private:
    void normalize();

    SpectralNormalizationOptions options_;
    Module& layer_;
    Tensor kernel_, vector_u_;
};

}  // namespace xg
