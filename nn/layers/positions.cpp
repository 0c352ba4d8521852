#include "positions.h"
#include <cmath>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../config.h"

namespace xg {

template <class F> void fields(SinePositionEncodingOptions& o, F&& field) { field("max_wavelength", o.max_wavelength); }
template <class F> void fields(PositionEmbeddingOptions& o, F&& field) {
    field("sequence_length", o.sequence_length);
    field("initializer", o.initializer);
}
template <class F> void fields(RotaryEmbeddingOptions& o, F&& field) {
    field("max_wavelength", o.max_wavelength);
    field("scaling_factor", o.scaling_factor);
    field("sequence_axis", o.sequence_axis);
    field("feature_axis", o.feature_axis);
}

namespace {
void check_wavelength(const char* layer, double wavelength) {
    require<std::invalid_argument>(wavelength > 0, "{}: expected max_wavelength > 0, got {}", layer, wavelength);
}
void check_sequence(const Shape& x) { require(x.rank() == 3, "expected input (batch, steps, features), got {}", x); }
/// position / wavelength^(2 pair / features), (steps, pairs), in float64.
Tensor angles(std::int64_t start, std::int64_t steps, std::int64_t pairs, std::int64_t features, double wavelength) {
    Tensor a = Tensor::empty({steps, pairs}, f64);
    double* out = a.raw<double>();
    for (std::int64_t i = 0; i < steps; ++i)
        for (std::int64_t k = 0; k < pairs; ++k)
            *out++ = double(start + i) * std::pow(wavelength, -2. * double(k) / double(features));
    return a;
}
}  // namespace

SinePositionEncoding::SinePositionEncoding(SinePositionEncodingOptions options) : options_(options) {
    check_wavelength("SinePositionEncoding", options.max_wavelength);
}
Tensor SinePositionEncoding::forward(const Tensor& x) {
    check_sequence(x.shape());
    const auto steps = x.shape()[1], features = x.shape()[2], pairs = (features + 1) / 2;
    const Tensor a = angles(0, steps, pairs, features, options_.max_wavelength);
    const Tensor both = reshape(stack({sin(a), cos(a)}, -1), {steps, 2 * pairs});
    return broadcast_to(split(both, {features}, 1)[0].to(is_float(x.dtype()) ? x.dtype() : f32), x.shape());
}
void SinePositionEncoding::describe(Config& config) const { write(config, options_); }
SinePositionEncoding SinePositionEncoding::from_config(const Config& config) {
    return SinePositionEncoding(read<SinePositionEncodingOptions>("SinePositionEncoding", config));
}

PositionEmbedding::PositionEmbedding(PositionEmbeddingOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.sequence_length > 0,
                                   "PositionEmbedding: expected sequence_length > 0, got {}", options_.sequence_length);
}
void PositionEmbedding::build(const Shape& input) {
    check_sequence(input);
    embeddings_ = parameter("embeddings", {options_.sequence_length, input[2]}, options_.initializer);
}
Tensor PositionEmbedding::forward(const Tensor& x) {
    require(x.rank() == 3 && x.shape()[1] <= options_.sequence_length && x.shape()[2] == embeddings_.shape()[1],
            "expected input (batch, steps <= {}, {}), got {}", options_.sequence_length, embeddings_.shape()[1],
            x.shape());
    return broadcast_to(slice(embeddings_, 0, x.shape()[1]), x.shape());
}
void PositionEmbedding::describe(Config& config) const { write(config, options_); }
PositionEmbedding PositionEmbedding::from_config(const Config& config) {
    return PositionEmbedding(read<PositionEmbeddingOptions>("PositionEmbedding", config));
}

RotaryEmbedding::RotaryEmbedding(RotaryEmbeddingOptions options) : options_(options) {
    check_wavelength("RotaryEmbedding", options.max_wavelength);
    require<std::invalid_argument>(options.scaling_factor > 0, "RotaryEmbedding: expected scaling_factor > 0, got {}",
                                   options.scaling_factor);
}
Tensor RotaryEmbedding::turned(const Tensor& x, std::int64_t start) const {
    const int along = normalize_axis(options_.sequence_axis, x.rank(), "RotaryEmbedding"),
              across = normalize_axis(options_.feature_axis, x.rank(), "RotaryEmbedding");
    const auto steps = x.shape()[along], features = x.shape()[across];
    require(along != across && features % 2 == 0, "expected an even number of features along axis {}, got {}",
            options_.feature_axis, x.shape());
    const Tensor turn = angles(start, steps, features / 2, features, options_.max_wavelength) / options_.scaling_factor,
                 whole = concatenate({turn, turn}, 1);
    Shape shape;
    for (int a = 0; a < x.rank(); ++a) shape.push_back(a == along ? steps : a == across ? features : 1);
    const auto spread = [&](const Tensor& t) {
        return reshape((along < across ? t : transpose(t)).to(x.dtype()), shape);
    };
    const auto halves = split(x, 2, across);
    return x * spread(cos(whole)) + concatenate({-halves[1], halves[0]}, across) * spread(sin(whole));
}
void RotaryEmbedding::describe(Config& config) const { write(config, options_); }
RotaryEmbedding RotaryEmbedding::from_config(const Config& config) {
    return RotaryEmbedding(read<RotaryEmbeddingOptions>("RotaryEmbedding", config));
}

}  // namespace xg
