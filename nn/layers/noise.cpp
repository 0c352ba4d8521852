#include "noise.h"
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/dropout.h"
#include "../config.h"
#include "draw.h"

namespace xg {

template <class F> void fields(SpatialDropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("data_format", o.data_format);
    field("seed", o.seed);
}
template <class F> void fields(GaussianNoiseOptions& o, F&& field) {
    field("stddev", o.stddev);
    field("seed", o.seed);
}
template <class F> void fields(GaussianDropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("seed", o.seed);
}
template <class F> void fields(AlphaDropoutOptions& o, F&& field) {
    field("rate", o.rate);
    field("noise_shape", o.noise_shape);
    field("seed", o.seed);
}

SpatialDropout::SpatialDropout(int rank, const char* layer, SpatialDropoutOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    const double rate = options_.rate;
    require<std::invalid_argument>(0 <= rate && rate <= 1, "{}: expected 0 <= rate <= 1, got {}", layer, rate);
}
Tensor SpatialDropout::apply(const Tensor& x) {
    if (!Training::on() || options_.rate == 0) return x;
    Shape channels = x.shape();
    for (int a = 1; a <= rank_; ++a) channels[a] = 1;
    return x * dropout(ones(channels, x.dtype()), options_.rate, detail::draw(options_.seed, calls_));
}
void SpatialDropout::describe(Config& config) const { write(config, options_); }
SpatialDropout1D SpatialDropout1D::from_config(const Config& config) {
    return SpatialDropout1D(read<SpatialDropoutOptions>("SpatialDropout1D", config));
}
SpatialDropout2D SpatialDropout2D::from_config(const Config& config) {
    return SpatialDropout2D(read<SpatialDropoutOptions>("SpatialDropout2D", config));
}
SpatialDropout3D SpatialDropout3D::from_config(const Config& config) {
    return SpatialDropout3D(read<SpatialDropoutOptions>("SpatialDropout3D", config));
}

GaussianNoise::GaussianNoise(GaussianNoiseOptions options) : options_(options) {
    require<std::invalid_argument>(options.stddev >= 0, "GaussianNoise: expected stddev >= 0, got {}", options.stddev);
}
Tensor GaussianNoise::forward(const Tensor& x) {
    if (!Training::on() || options_.stddev == 0) return x;
    return x + normal(detail::draw(options_.seed, calls_), x.shape(), 0, options_.stddev, x.dtype());
}
void GaussianNoise::describe(Config& config) const { write(config, options_); }
GaussianNoise GaussianNoise::from_config(const Config& config) {
    return GaussianNoise(read<GaussianNoiseOptions>("GaussianNoise", config));
}

GaussianDropout::GaussianDropout(GaussianDropoutOptions options) : options_(options) {
    require<std::invalid_argument>(0 <= options.rate && options.rate < 1,
                                   "GaussianDropout: expected 0 <= rate < 1, got {}", options.rate);
}
Tensor GaussianDropout::forward(const Tensor& x) {
    if (!Training::on() || options_.rate == 0) return x;
    const double stddev = std::sqrt(options_.rate / (1 - options_.rate));
    return x * normal(detail::draw(options_.seed, calls_), x.shape(), 1, stddev, x.dtype());
}
void GaussianDropout::describe(Config& config) const { write(config, options_); }
GaussianDropout GaussianDropout::from_config(const Config& config) {
    return GaussianDropout(read<GaussianDropoutOptions>("GaussianDropout", config));
}

AlphaDropout::AlphaDropout(AlphaDropoutOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(0 <= options_.rate && options_.rate < 1,
                                   "AlphaDropout: expected 0 <= rate < 1, got {}", options_.rate);
}
Tensor AlphaDropout::forward(const Tensor& x) {
    if (!Training::on() || options_.rate == 0) return x;
    const double lowest = -1.6732632423543772 * 1.0507009873554805, rate = options_.rate;  // selu's
    const double scale = 1 / std::sqrt((1 - rate) * (1 + rate * lowest * lowest)), shift = -scale * lowest * rate;
    const auto& given = options_.noise_shape;
    const Shape shape = given.list.empty() ? x.shape() : given.broadcasting_to(x.shape());
    return where(bernoulli(detail::draw(options_.seed, calls_), shape, 1 - rate), x, lowest) * scale + shift;
}
void AlphaDropout::describe(Config& config) const { write(config, options_); }
AlphaDropout AlphaDropout::from_config(const Config& config) {
    return AlphaDropout(read<AlphaDropoutOptions>("AlphaDropout", config));
}

}  // namespace xg
