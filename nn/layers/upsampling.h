#pragma once
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct UpSamplingOptions {
    PerAxis size = 2;
    std::string data_format = "channels_last";
    std::string interpolation = "nearest";  // UpSampling2D also bilinear, bicubic, lanczos3, lanczos5
};
/// Images made larger by whole factors. Pixels are squares: the first one's centre lies at half a pixel.
class UpSampling : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    UpSampling(int rank, const char* layer, PerAxis size, UpSamplingOptions options);
    static UpSamplingOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    UpSamplingOptions options_;
};
/// Input (batch, steps, channels), output (batch, steps * size, channels).
struct UpSampling1D : UpSampling {
    explicit UpSampling1D(PerAxis size = 2, UpSamplingOptions options = {})
        : UpSampling(1, "UpSampling1D", size, std::move(options)) {}
    static UpSampling1D from_config(const Config& config) {
        const auto options = read_options("UpSampling1D", config);
        return UpSampling1D(options.size, options);
    }
};
/// Input (batch, rows, columns, channels), output (batch, rows * size, columns * size, channels).
struct UpSampling2D : UpSampling {
    explicit UpSampling2D(PerAxis size = 2, UpSamplingOptions options = {})
        : UpSampling(2, "UpSampling2D", size, std::move(options)) {}
    static UpSampling2D from_config(const Config& config) {
        const auto options = read_options("UpSampling2D", config);
        return UpSampling2D(options.size, options);
    }
};
/// Input (batch, planes, rows, columns, channels).
struct UpSampling3D : UpSampling {
    explicit UpSampling3D(PerAxis size = 2, UpSamplingOptions options = {})
        : UpSampling(3, "UpSampling3D", size, std::move(options)) {}
    static UpSampling3D from_config(const Config& config) {
        const auto options = read_options("UpSampling3D", config);
        return UpSampling3D(options.size, options);
    }
};

}  // namespace xg
