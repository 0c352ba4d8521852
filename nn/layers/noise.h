#pragma once
#include "extents.h"
#include "spatial_layer.h"

namespace xg {

// Input of any shape unless said otherwise, output of the same. They act in training only; `seed` -1 draws from the
// global stream.
struct SpatialDropoutOptions {
    double rate = 0;
    std::string data_format = "channels_last";
    std::int64_t seed = -1;
};
/// Dropout of whole channels (Tompson et al. 2015). Input (batch, positions..., channels).
class SpatialDropout : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    SpatialDropout(int rank, const char* layer, SpatialDropoutOptions options);

private:
    Tensor apply(const Tensor& x) override;

    SpatialDropoutOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
/// Input (batch, steps, channels).
struct SpatialDropout1D : SpatialDropout {
    explicit SpatialDropout1D(double rate) : SpatialDropout1D(SpatialDropoutOptions{.rate = rate}) {}
    explicit SpatialDropout1D(SpatialDropoutOptions options)
        : SpatialDropout(1, "SpatialDropout1D", std::move(options)) {}
    static SpatialDropout1D from_config(const Config& config);
};
/// Input (batch, height, width, channels).
struct SpatialDropout2D : SpatialDropout {
    explicit SpatialDropout2D(double rate) : SpatialDropout2D(SpatialDropoutOptions{.rate = rate}) {}
    explicit SpatialDropout2D(SpatialDropoutOptions options)
        : SpatialDropout(2, "SpatialDropout2D", std::move(options)) {}
    static SpatialDropout2D from_config(const Config& config);
};
/// Input (batch, depth, height, width, channels).
struct SpatialDropout3D : SpatialDropout {
    explicit SpatialDropout3D(double rate) : SpatialDropout3D(SpatialDropoutOptions{.rate = rate}) {}
    explicit SpatialDropout3D(SpatialDropoutOptions options)
        : SpatialDropout(3, "SpatialDropout3D", std::move(options)) {}
    static SpatialDropout3D from_config(const Config& config);
};

struct GaussianNoiseOptions {
    double stddev = 0;
    std::int64_t seed = -1;
};
/// x + normal(0, stddev).
class GaussianNoise : public Module {
public:
    explicit GaussianNoise(double stddev) : GaussianNoise(GaussianNoiseOptions{.stddev = stddev}) {}
    explicit GaussianNoise(GaussianNoiseOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static GaussianNoise from_config(const Config& config);

private:
    GaussianNoiseOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
struct GaussianDropoutOptions {
    double rate = 0;
    std::int64_t seed = -1;
};
/// x normal(1, sqrt(rate / (1 - rate))): mean and variance of dropout (Srivastava et al. 2014).
class GaussianDropout : public Module {
public:
    explicit GaussianDropout(double rate) : GaussianDropout(GaussianDropoutOptions{.rate = rate}) {}
    explicit GaussianDropout(GaussianDropoutOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static GaussianDropout from_config(const Config& config);

private:
    GaussianDropoutOptions options_;
    std::uint64_t& calls_ = counter("calls");
};
struct AlphaDropoutOptions {
    double rate = 0;
    Extents noise_shape = {};  // broadcasts to the input's
    std::int64_t seed = -1;
};
/// Dropout to selu's value at minus infinity, scaled so that mean 0 and variance 1 stay (Klambauer et al. 2017).
class AlphaDropout : public Module {
public:
    explicit AlphaDropout(double rate) : AlphaDropout(AlphaDropoutOptions{.rate = rate}) {}
    explicit AlphaDropout(AlphaDropoutOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static AlphaDropout from_config(const Config& config);

private:
    AlphaDropoutOptions options_;
    std::uint64_t& calls_ = counter("calls");
};

}  // namespace xg
