#pragma once
#include "../../autograd/ops/window.h"
#include "../module.h"

namespace xg {

struct UpSamplingOptions {
    PerAxis size = 2;
    std::string data_format = "channels_last";
    std::string interpolation = "nearest";  // UpSampling2D also bilinear, bicubic, lanczos3, lanczos5
};
/// Images made larger by whole factors. Pixels are squares: the first one's centre lies at half a pixel.
class UpSampling : public Module {
public:
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;

protected:
    UpSampling(int rank, const char* layer, PerAxis size, UpSamplingOptions options);
    static UpSamplingOptions read_options(const char* layer, const Config& config);

private:
    UpSamplingOptions options_;
    int rank_;
};
/// Input (batch, steps, channels), output (batch, steps * size, channels).
struct UpSampling1D : UpSampling {
    explicit UpSampling1D(PerAxis size = 2) : UpSampling(1, "UpSampling1D", size, {}) {}
    static UpSampling1D from_config(const Config& c) { return UpSampling1D(read_options("UpSampling1D", c).size); }
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
    explicit UpSampling3D(PerAxis size = 2) : UpSampling(3, "UpSampling3D", size, {}) {}
    static UpSampling3D from_config(const Config& c) { return UpSampling3D(read_options("UpSampling3D", c).size); }
};

}  // namespace xg
