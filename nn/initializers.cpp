#include "initializers.h"
#include <algorithm>
#include <cmath>
#include "../autograd/node.h"
#include "../autograd/ops/arithmetic.h"
#include "../tensor/create.h"
#include "../tensor/markers.h"
#include "../tensor/random.h"
#include "config.h"

namespace xg {

namespace {
struct Fans {
    double in, out;
};
Fans fans(const Shape& s) {
    if (s.rank() < 1) return {1, 1};
    if (s.rank() < 2) return {double(s[0]), double(s[0])};
    double window = 1;
    for (int a = 0; a < s.rank() - 2; ++a) window *= double(s[a]);
    return {window * double(s[s.rank() - 2]), window * double(s.back())};
}
RandomKey key_of(std::int64_t seed) { return seed < 0 ? next_key() : RandomKey{std::uint64_t(seed), 0}; }
}  // namespace

Tensor Initializer::beside(const Shape&, const Shape& shape, DType dtype) const { return (*this)(shape, dtype); }
Tensor Zeros::operator()(const Shape& shape, DType dtype) const { return zeros(shape, dtype); }
Tensor Ones::operator()(const Shape& shape, DType dtype) const { return ones(shape, dtype); }
Tensor Constant::operator()(const Shape& shape, DType dtype) const { return full(shape, options.value, dtype); }
Tensor IdentityInitializer::operator()(const Shape& shape, DType dtype) const {
    require(shape.rank() == 2, "Identity: expected a matrix, got shape {}", shape);
    return eye(shape[0], shape[1], dtype) * options.gain;
}
Tensor RandomNormal::operator()(const Shape& shape, DType dtype) const {
    return normal(key_of(options.seed), shape, options.mean, options.stddev, dtype);
}
Tensor TruncatedNormal::operator()(const Shape& shape, DType dtype) const {
    return truncated_normal(key_of(options.seed), shape, options.mean, options.stddev, dtype);
}
Tensor RandomUniform::operator()(const Shape& shape, DType dtype) const {
    return uniform(key_of(options.seed), shape, options.minval, options.maxval, dtype);
}

VarianceScaling::VarianceScaling(VarianceScalingOptions o) : options(std::move(o)) {
    const auto& m = options.mode;
    const auto& d = options.distribution;
    require<std::invalid_argument>(options.scale > 0, "VarianceScaling: expected scale > 0, got {}", options.scale);
    require<std::invalid_argument>(m == "fan_in" || m == "fan_out" || m == "fan_avg",
                                   "VarianceScaling: expected mode fan_in, fan_out or fan_avg, got {}", m);
    require<std::invalid_argument>(
        d == "truncated_normal" || d == "untruncated_normal" || d == "uniform",
        "VarianceScaling: expected distribution truncated_normal, untruncated_normal or uniform, got {}", d);
}
Tensor VarianceScaling::operator()(const Shape& shape, DType dtype) const {
    const auto [in, out] = fans(shape);
    const double fan = options.mode == "fan_in" ? in : options.mode == "fan_out" ? out : (in + out) / 2;
    const double variance = options.scale / std::max(1.0, fan);
    const RandomKey key = key_of(options.seed);
    if (options.distribution == "uniform")
        return uniform(key, shape, -std::sqrt(3 * variance), std::sqrt(3 * variance), dtype);
    if (options.distribution == "untruncated_normal") return normal(key, shape, 0, std::sqrt(variance), dtype);
    constexpr double kept = 0.87962566103423978;  // the standard deviation that cutting at two leaves of one
    return truncated_normal(key, shape, 0, std::sqrt(variance) / kept, dtype);
}

namespace {
Tensor uniform_by(double fan_in, std::int64_t seed, const Shape& shape, DType dtype) {
    const double limit = 1 / std::sqrt(std::max(1.0, fan_in));
    return uniform(key_of(seed), shape, -limit, limit, dtype);
}
}  // namespace
Tensor BiasUniform::beside(const Shape& kernel, const Shape& shape, DType dtype) const {
    return uniform_by(fans(kernel).in, options.seed, shape, dtype);
}
Tensor DepthwiseUniform::beside(const Shape& kernel, const Shape& shape, DType dtype) const {
    double window = 1;
    for (int a = 0; a < kernel.rank() - 2; ++a) window *= double(kernel[a]);
    return uniform_by(window, options.seed, shape, dtype);
}
Tensor RecurrentUniform::beside(const Shape& recurrent_kernel, const Shape& shape, DType dtype) const {
    const double units = fans(recurrent_kernel).in;
    if (shape.rank() > 1) return uniform_by(units, options.seed, shape, dtype);
    const Tensor both = uniform_by(units, options.seed, {2, shape[0]}, dtype);
    return both[0] + both[1];
}

Box<Initializer> defaults::kernel_initializer() { return either<Box<Initializer>>(GlorotUniform(), FanInUniform()); }
Box<Initializer> defaults::bias_initializer() { return either<Box<Initializer>>(Zeros(), BiasUniform()); }
Box<Initializer> defaults::depthwise_initializer() {
    return either<Box<Initializer>>(GlorotUniform(), DepthwiseUniform());
}
Box<Initializer> defaults::depthwise_bias_initializer() {
    return either<Box<Initializer>>(Zeros(), DepthwiseUniform());
}
Box<Initializer> defaults::input_initializer() { return either<Box<Initializer>>(GlorotUniform(), RecurrentUniform()); }
Box<Initializer> defaults::recurrent_initializer() {
    return either<Box<Initializer>>(Orthogonal(), RecurrentUniform());
}
Box<Initializer> defaults::recurrent_bias_initializer() {
    return either<Box<Initializer>>(Zeros(), RecurrentUniform());
}

Tensor Orthogonal::operator()(const Shape& shape, DType dtype) const {
    require(shape.rank() >= 2, "Orthogonal: expected at least two axes, got shape {}", shape);
    const auto columns = shape.back(), rows = columns ? shape.numel() / columns : 0;
    const auto many = std::max(rows, columns), few = std::min(rows, columns);
    const Tensor draw = normal(key_of(options.seed), {few, many}, 0, 1, f64);
    double* q = draw.raw<double>();
    const auto dot = [&](std::int64_t a, std::int64_t b) {
        double total = 0;
        for (std::int64_t i = 0; i < many; ++i) total += q[a * many + i] * q[b * many + i];
        return total;
    };
    // Gram and Schmidt, twice: the second pass takes away what rounding left of the first.
    for (std::int64_t r = 0; r < few; ++r) {
        for (int pass = 0; pass < 2; ++pass)
            for (std::int64_t k = 0; k < r; ++k) {
                const double along = dot(r, k);
                for (std::int64_t i = 0; i < many; ++i) q[r * many + i] -= along * q[k * many + i];
            }
        const double length = std::sqrt(dot(r, r));
        for (std::int64_t i = 0; i < many; ++i) q[r * many + i] /= length;
    }
    Tensor w = Tensor::empty(shape, dtype);
    dispatch_float(dtype, "Orthogonal", [&]<class T> {
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t j = 0; j < columns; ++j)
                w.raw<T>()[i * columns + j] = T(options.gain * (rows < columns ? q[i * many + j] : q[j * many + i]));
    });
    return w;
}

template <class F> void fields(ConstantOptions& o, F&& field) { field("value", o.value); }
template <class F> void fields(IdentityOptions& o, F&& field) { field("gain", o.gain); }
template <class F> void fields(RandomNormalOptions& o, F&& field) {
    field("mean", o.mean);
    field("stddev", o.stddev);
    field("seed", o.seed);
}
template <class F> void fields(RandomUniformOptions& o, F&& field) {
    field("minval", o.minval);
    field("maxval", o.maxval);
    field("seed", o.seed);
}
template <class F> void fields(VarianceScalingOptions& o, F&& field) {
    field("scale", o.scale);
    field("mode", o.mode);
    field("distribution", o.distribution);
    field("seed", o.seed);
}
template <class F> void fields(SeedOptions& o, F&& field) { field("seed", o.seed); }
template <class F> void fields(OrthogonalOptions& o, F&& field) {
    field("gain", o.gain);
    field("seed", o.seed);
}

template <> const Table<Initializer>& table<Initializer>() {
    using I = Initializer;
    static const Table<I> entries{entry<Zeros, I>("Zeros"),
                                  entry<Ones, I>("Ones"),
                                  entry<Constant, I, ConstantOptions>("Constant"),
                                  entry<IdentityInitializer, I, IdentityOptions>("Identity", {"IdentityInitializer"}),
                                  entry<RandomNormal, I, RandomNormalOptions>("RandomNormal", {"normal"}),
                                  entry<RandomUniform, I, RandomUniformOptions>("RandomUniform", {"uniform"}),
                                  entry<TruncatedNormal, I, RandomNormalOptions>("TruncatedNormal"),
                                  entry<VarianceScaling, I, VarianceScalingOptions>("VarianceScaling"),
                                  entry<GlorotUniform, I, SeedOptions>("GlorotUniform"),
                                  entry<GlorotNormal, I, SeedOptions>("GlorotNormal"),
                                  entry<HeUniform, I, SeedOptions>("HeUniform"),
                                  entry<HeNormal, I, SeedOptions>("HeNormal"),
                                  entry<LecunUniform, I, SeedOptions>("LecunUniform"),
                                  entry<LecunNormal, I, SeedOptions>("LecunNormal"),
                                  entry<FanInUniform, I, SeedOptions>("FanInUniform"),
                                  entry<BiasUniform, I, SeedOptions>("BiasUniform"),
                                  entry<DepthwiseUniform, I, SeedOptions>("DepthwiseUniform"),
                                  entry<RecurrentUniform, I, SeedOptions>("RecurrentUniform"),
                                  entry<Orthogonal, I, OrthogonalOptions>("Orthogonal", {"OrthogonalInitializer"})};
    return entries;
}
template <> Box<Initializer> make<Initializer>(const char* name, const Config* config) {
    return from_table<Initializer>("initializer", name, config);
}

}  // namespace xg
