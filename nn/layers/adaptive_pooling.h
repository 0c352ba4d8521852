#pragma once
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct AdaptivePoolingOptions {
    PerAxis output_size = {};
    std::string data_format = "channels_last";
};
/// The largest or the mean of as many windows as asked for along each axis.
class AdaptivePooling : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    enum class Kind { max, average };
    AdaptivePooling(Kind kind, int rank, const char* layer, PerAxis output_size, AdaptivePoolingOptions options);
    static AdaptivePoolingOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    AdaptivePoolingOptions options_;
    Kind kind_;
};
struct AdaptiveMaxPooling1D : AdaptivePooling {
    explicit AdaptiveMaxPooling1D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::max, 1, "AdaptiveMaxPooling1D", output_size, std::move(options)) {}
    static AdaptiveMaxPooling1D from_config(const Config& config) {
        const auto options = read_options("AdaptiveMaxPooling1D", config);
        return AdaptiveMaxPooling1D(options.output_size, options);
    }
};
struct AdaptiveMaxPooling2D : AdaptivePooling {
    explicit AdaptiveMaxPooling2D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::max, 2, "AdaptiveMaxPooling2D", output_size, std::move(options)) {}
    static AdaptiveMaxPooling2D from_config(const Config& config) {
        const auto options = read_options("AdaptiveMaxPooling2D", config);
        return AdaptiveMaxPooling2D(options.output_size, options);
    }
};
struct AdaptiveMaxPooling3D : AdaptivePooling {
    explicit AdaptiveMaxPooling3D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::max, 3, "AdaptiveMaxPooling3D", output_size, std::move(options)) {}
    static AdaptiveMaxPooling3D from_config(const Config& config) {
        const auto options = read_options("AdaptiveMaxPooling3D", config);
        return AdaptiveMaxPooling3D(options.output_size, options);
    }
};
struct AdaptiveAveragePooling1D : AdaptivePooling {
    explicit AdaptiveAveragePooling1D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::average, 1, "AdaptiveAveragePooling1D", output_size, std::move(options)) {}
    static AdaptiveAveragePooling1D from_config(const Config& config) {
        const auto options = read_options("AdaptiveAveragePooling1D", config);
        return AdaptiveAveragePooling1D(options.output_size, options);
    }
};
struct AdaptiveAveragePooling2D : AdaptivePooling {
    explicit AdaptiveAveragePooling2D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::average, 2, "AdaptiveAveragePooling2D", output_size, std::move(options)) {}
    static AdaptiveAveragePooling2D from_config(const Config& config) {
        const auto options = read_options("AdaptiveAveragePooling2D", config);
        return AdaptiveAveragePooling2D(options.output_size, options);
    }
};
struct AdaptiveAveragePooling3D : AdaptivePooling {
    explicit AdaptiveAveragePooling3D(PerAxis output_size, AdaptivePoolingOptions options = {})
        : AdaptivePooling(Kind::average, 3, "AdaptiveAveragePooling3D", output_size, std::move(options)) {}
    static AdaptiveAveragePooling3D from_config(const Config& config) {
        const auto options = read_options("AdaptiveAveragePooling3D", config);
        return AdaptiveAveragePooling3D(options.output_size, options);
    }
};

}  // namespace xg
