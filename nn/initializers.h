#pragma once
#include <cstdint>
#include "../tensor/box.h"
#include "../tensor/convention.h"
#include "../tensor/tensor.h"

namespace xg {

/// Fills new parameters. Shape (..., fan_in, fan_out), in front of them a convolution's window.
struct Initializer {
    virtual ~Initializer() = default;
    virtual Tensor operator()(const Shape& shape, DType dtype) const = 0;
    /// The same for a parameter that goes by the fans of another one, of shape `kernel`: of that before it in the
    /// layer, unless the layer says otherwise.
    virtual Tensor beside(const Shape& kernel, const Shape& shape, DType dtype) const;
};

struct Zeros : Initializer {
    Tensor operator()(const Shape& shape, DType dtype) const override;
};
struct Ones : Initializer {
    Tensor operator()(const Shape& shape, DType dtype) const override;
};
struct ConstantOptions {
    double value = 0;
};
struct Constant : Initializer {
    explicit Constant(ConstantOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const ConstantOptions& settings() const { return options; }
    ConstantOptions options;
};
struct IdentityOptions {
    double gain = 1;
};
/// gain on the diagonal of a matrix; throws for another rank.
struct IdentityInitializer : Initializer {
    explicit IdentityInitializer(IdentityOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const IdentityOptions& settings() const { return options; }
    IdentityOptions options;
};

// A seed of -1 draws from the global stream; any other gives the same values at every call.
struct RandomNormalOptions {
    double mean = 0, stddev = 0.05;
    std::int64_t seed = -1;
};
struct RandomNormal : Initializer {
    explicit RandomNormal(RandomNormalOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const RandomNormalOptions& settings() const { return options; }
    RandomNormalOptions options;
};
/// Without what is more than two standard deviations away.
struct TruncatedNormal : Initializer {
    explicit TruncatedNormal(RandomNormalOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const RandomNormalOptions& settings() const { return options; }
    RandomNormalOptions options;
};
struct RandomUniformOptions {
    double minval = -0.05, maxval = 0.05;
    std::int64_t seed = -1;
};
struct RandomUniform : Initializer {
    explicit RandomUniform(RandomUniformOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const RandomUniformOptions& settings() const { return options; }
    RandomUniformOptions options;
};

struct VarianceScalingOptions {
    double scale = 1;
    std::string mode = "fan_in";                    // fan_out, fan_avg
    std::string distribution = "truncated_normal";  // untruncated_normal, uniform
    std::int64_t seed = -1;
};
/// Variance scale / fan.
struct VarianceScaling : Initializer {
    explicit VarianceScaling(VarianceScalingOptions o = {});
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const VarianceScalingOptions& settings() const { return options; }
    VarianceScalingOptions options;
};
struct SeedOptions {
    std::int64_t seed = -1;
};
/// Variance 2 / (fan_in + fan_out) (Glorot & Bengio 2010).
struct GlorotUniform : VarianceScaling {
    explicit GlorotUniform(SeedOptions o = {}) : VarianceScaling({1, "fan_avg", "uniform", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
struct GlorotNormal : VarianceScaling {
    explicit GlorotNormal(SeedOptions o = {}) : VarianceScaling({1, "fan_avg", "truncated_normal", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
/// Variance 2 / fan_in (He et al. 2015).
struct HeUniform : VarianceScaling {
    explicit HeUniform(SeedOptions o = {}) : VarianceScaling({2, "fan_in", "uniform", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
struct HeNormal : VarianceScaling {
    explicit HeNormal(SeedOptions o = {}) : VarianceScaling({2, "fan_in", "truncated_normal", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
/// Variance 1 / fan_in (LeCun et al. 1998).
struct LecunUniform : VarianceScaling {
    explicit LecunUniform(SeedOptions o = {}) : VarianceScaling({1, "fan_in", "uniform", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
struct LecunNormal : VarianceScaling {
    explicit LecunNormal(SeedOptions o = {}) : VarianceScaling({1, "fan_in", "truncated_normal", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};

/// Variance 1 / (3 fan_in), PyTorch's: kernels between -1 / sqrt(fan_in) and 1 / sqrt(fan_in).
struct FanInUniform : VarianceScaling {
    explicit FanInUniform(SeedOptions o = {}) : VarianceScaling({1.0 / 3, "fan_in", "uniform", o.seed}) {}
    SeedOptions settings() const { return {options.seed}; }
};
/// The same, by the fan_in of the kernel that the bias stands beside.
struct BiasUniform : FanInUniform {
    using FanInUniform::FanInUniform;
    Tensor beside(const Shape& kernel, const Shape& shape, DType dtype) const override;
};
/// The same for kernel and bias of a depthwise convolution: fan_in is the window, as each channel has its own.
struct DepthwiseUniform : FanInUniform {
    using FanInUniform::FanInUniform;
    Tensor beside(const Shape& kernel, const Shape& shape, DType dtype) const override;
};
/// The same for everything in a recurrent cell: fan_in is its units. PyTorch has two biases where one row does here,
/// which therefore is the sum of two draws.
struct RecurrentUniform : FanInUniform {
    using FanInUniform::FanInUniform;
    Tensor beside(const Shape& recurrent_kernel, const Shape& shape, DType dtype) const override;
};

struct OrthogonalOptions {
    double gain = 1;
    std::int64_t seed = -1;
};
/// Rows or columns (the fewer) orthonormal, times gain (Saxe et al. 2014).
struct Orthogonal : Initializer {
    explicit Orthogonal(OrthogonalOptions o = {}) : options(o) {}
    Tensor operator()(const Shape& shape, DType dtype) const override;
    const OrthogonalOptions& settings() const { return options; }
    OrthogonalOptions options;
};

namespace defaults {
/// What the weights of most layers begin with.
Box<Initializer> kernel_initializer();
Box<Initializer> bias_initializer();
Box<Initializer> depthwise_initializer();
Box<Initializer> depthwise_bias_initializer();
/// Of recurrent cells.
Box<Initializer> input_initializer();
Box<Initializer> recurrent_initializer();
Box<Initializer> recurrent_bias_initializer();
}  // namespace defaults

}  // namespace xg
