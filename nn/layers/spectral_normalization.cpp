#include "spectral_normalization.h"
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"

namespace xg {

template <class F> void fields(SpectralNormalizationOptions& o, F&& field) {
    field("power_iterations", o.power_iterations);
}

SpectralNormalization::SpectralNormalization(std::shared_ptr<Module> layer, SpectralNormalizationOptions options)
    : options_(options), layer_(child("layer", std::move(layer))) {
    require<std::invalid_argument>(options.power_iterations > 0,
                                   "SpectralNormalization: expected power_iterations > 0, got {}",
                                   options.power_iterations);
}
void SpectralNormalization::build(const Shape& input) {
    if (!layer_.built()) layer_(zeros(input, dtype()));  // it makes its kernel at its first call
    for (auto& [name, value] : layer_.named_parameters())
        if (name == "kernel" || name == "embeddings") kernel_ = value;
    require<std::invalid_argument>(kernel_.defined(),
                                   "SpectralNormalization: expected a layer with a kernel or embeddings, got {}",
                                   layer_.type());
    vector_u_ = buffer("vector_u", {1, kernel_.shape().back()}, TruncatedNormal({.stddev = 0.02}));
}
Tensor SpectralNormalization::forward(const Tensor& x) {
    if (Training::on()) normalize();
    return layer_(x);
}
void SpectralNormalization::normalize() {
    NoGrad unrecorded;
    const auto unit = [](const Tensor& v) { return v / maximum(norm(v), 1e-12); };
    const Tensor weights = reshape(kernel_, {-1, kernel_.shape().back()});
    if (!any(weights).item<bool>()) return;
    Tensor u = vector_u_, v;
    for (std::int64_t i = 0; i < options_.power_iterations; ++i) {
        v = unit(matmul(u, weights, {.transpose_b = true}));
        u = unit(matmul(v, weights));
    }
    const Tensor sigma = matmul(matmul(v, weights), u, {.transpose_b = true});
    vector_u_.assign(u, "SpectralNormalization");
    kernel_.assign(kernel_ / reshape(sigma, {}), "SpectralNormalization");
}
void SpectralNormalization::describe(Config& config) const {
    write(config, options_);
    config.set("layer", layer_);
}
SpectralNormalization SpectralNormalization::from_config(const Config& config) {
    return SpectralNormalization(config.layer("layer"),
                                 read<SpectralNormalizationOptions>("SpectralNormalization", config.without("layer")));
}

}  // namespace xg
