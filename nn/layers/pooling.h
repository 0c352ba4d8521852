#pragma once
#include "../../autograd/ops/window.h"
#include "spatial_layer.h"

namespace xg {

struct PoolingOptions {
    PerAxis pool_size = 2;
    PerAxis strides = {};           // not given: pool_size
    std::string padding = "valid";  // same
    std::string data_format = "channels_last";
};
/// The largest or the mean of each window; padding never counts.
class Pooling : public SpatialLayer {
public:
    void describe(Config& config) const override;
    const PoolingOptions& options() const { return options_; }

protected:
    enum class Kind { max, average };
    Pooling(Kind kind, int rank, const char* layer, PerAxis pool_size, PoolingOptions options);
    static PoolingOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    PoolingOptions options_;
    Kind kind_;
};
/// Input (batch, steps, channels).
struct MaxPooling1D : Pooling {
    explicit MaxPooling1D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::max, 1, "MaxPooling1D", pool_size, std::move(options)) {}
    static MaxPooling1D from_config(const Config& config) {
        const auto options = read_options("MaxPooling1D", config);
        return MaxPooling1D(options.pool_size, options);
    }
};
/// Input (batch, rows, columns, channels).
struct MaxPooling2D : Pooling {
    explicit MaxPooling2D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::max, 2, "MaxPooling2D", pool_size, std::move(options)) {}
    static MaxPooling2D from_config(const Config& config) {
        const auto options = read_options("MaxPooling2D", config);
        return MaxPooling2D(options.pool_size, options);
    }
};
/// Input (batch, planes, rows, columns, channels).
struct MaxPooling3D : Pooling {
    explicit MaxPooling3D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::max, 3, "MaxPooling3D", pool_size, std::move(options)) {}
    static MaxPooling3D from_config(const Config& config) {
        const auto options = read_options("MaxPooling3D", config);
        return MaxPooling3D(options.pool_size, options);
    }
};
/// Input (batch, steps, channels).
struct AveragePooling1D : Pooling {
    explicit AveragePooling1D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::average, 1, "AveragePooling1D", pool_size, std::move(options)) {}
    static AveragePooling1D from_config(const Config& config) {
        const auto options = read_options("AveragePooling1D", config);
        return AveragePooling1D(options.pool_size, options);
    }
};
/// Input (batch, rows, columns, channels).
struct AveragePooling2D : Pooling {
    explicit AveragePooling2D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::average, 2, "AveragePooling2D", pool_size, std::move(options)) {}
    static AveragePooling2D from_config(const Config& config) {
        const auto options = read_options("AveragePooling2D", config);
        return AveragePooling2D(options.pool_size, options);
    }
};
/// Input (batch, planes, rows, columns, channels).
struct AveragePooling3D : Pooling {
    explicit AveragePooling3D(PerAxis pool_size = 2, PoolingOptions options = {})
        : Pooling(Kind::average, 3, "AveragePooling3D", pool_size, std::move(options)) {}
    static AveragePooling3D from_config(const Config& config) {
        const auto options = read_options("AveragePooling3D", config);
        return AveragePooling3D(options.pool_size, options);
    }
};

}  // namespace xg
