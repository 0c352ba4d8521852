#pragma once
#include "spatial_layer.h"

namespace xg {

struct GlobalPoolingOptions {
    std::string data_format = "channels_last";
    bool keepdims = false;
};
/// The largest or the mean of each channel. Input (batch, spatial axes, channels), output (batch, channels).
class GlobalPooling : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    enum class Kind { max, average };
    GlobalPooling(Kind kind, int rank, const char* layer, GlobalPoolingOptions options);
    static GlobalPoolingOptions read_options(const char* layer, const Config& config);

    MaskFate mask_fate() const override {
        return kind_ == Kind::average && rank_ == 1 ? MaskFate::used : MaskFate::lost;
    }

private:
    Tensor apply(const Tensor& x) override;

    GlobalPoolingOptions options_;
    Kind kind_;
};
struct GlobalMaxPooling1D : GlobalPooling {
    explicit GlobalMaxPooling1D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::max, 1, "GlobalMaxPooling1D", std::move(options)) {}
    static GlobalMaxPooling1D from_config(const Config& config) {
        return GlobalMaxPooling1D(read_options("GlobalMaxPooling1D", config));
    }
};
struct GlobalMaxPooling2D : GlobalPooling {
    explicit GlobalMaxPooling2D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::max, 2, "GlobalMaxPooling2D", std::move(options)) {}
    static GlobalMaxPooling2D from_config(const Config& config) {
        return GlobalMaxPooling2D(read_options("GlobalMaxPooling2D", config));
    }
};
struct GlobalMaxPooling3D : GlobalPooling {
    explicit GlobalMaxPooling3D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::max, 3, "GlobalMaxPooling3D", std::move(options)) {}
    static GlobalMaxPooling3D from_config(const Config& config) {
        return GlobalMaxPooling3D(read_options("GlobalMaxPooling3D", config));
    }
};
/// Steps that the mask takes out do not count.
struct GlobalAveragePooling1D : GlobalPooling {
    explicit GlobalAveragePooling1D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::average, 1, "GlobalAveragePooling1D", std::move(options)) {}
    static GlobalAveragePooling1D from_config(const Config& config) {
        return GlobalAveragePooling1D(read_options("GlobalAveragePooling1D", config));
    }
};
struct GlobalAveragePooling2D : GlobalPooling {
    explicit GlobalAveragePooling2D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::average, 2, "GlobalAveragePooling2D", std::move(options)) {}
    static GlobalAveragePooling2D from_config(const Config& config) {
        return GlobalAveragePooling2D(read_options("GlobalAveragePooling2D", config));
    }
};
struct GlobalAveragePooling3D : GlobalPooling {
    explicit GlobalAveragePooling3D(GlobalPoolingOptions options = {})
        : GlobalPooling(Kind::average, 3, "GlobalAveragePooling3D", std::move(options)) {}
    static GlobalAveragePooling3D from_config(const Config& config) {
        return GlobalAveragePooling3D(read_options("GlobalAveragePooling3D", config));
    }
};

}  // namespace xg
