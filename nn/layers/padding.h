#pragma once
#include "../../autograd/ops/layout.h"
#include "spatial_layer.h"

namespace xg {

/// What is added or taken away at both ends of each spatial axis: a number for all ends, or a Padding an axis:
/// `ZeroPadding2D({{1, 0}, {2, 2}})`.
class AxisEnds {
public:
    AxisEnds(std::int64_t all_ends) : ends_{{all_ends, all_ends}} {}
    AxisEnds(std::vector<Padding> each) : ends_(std::move(each)) {}
    AxisEnds(std::initializer_list<Padding> each) : ends_(each) {}
    /// Keras' (a, b): before and after along one axis, at both ends of each of two.
    static AxisEnds pair(std::int64_t a, std::int64_t b) {
        AxisEnds ends{{a, a}, {b, b}};
        ends.pair_ = true;
        return ends;
    }
    /// One Padding for each of `rank` axes.
    std::vector<Padding> for_axes(int rank) const {
        if (pair_ && rank == 1) return {{ends_[0].before, ends_[1].before}};
        return ends_.size() == 1 ? std::vector(std::size_t(rank), ends_[0]) : ends_;
    }

private:
    std::vector<Padding> ends_;
    bool pair_ = false;
};

struct ZeroPaddingOptions {
    AxisEnds padding = 1;
    std::string data_format = "channels_last";
};
/// Zeros around the spatial axes.
class ZeroPadding : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    ZeroPadding(int rank, const char* layer, const AxisEnds& padding, ZeroPaddingOptions options);
    static ZeroPaddingOptions read_options(const char* layer, const Config& config);

private:
    Tensor apply(const Tensor& x) override;

    ZeroPaddingOptions options_;
};
struct ZeroPadding1D : ZeroPadding {
    explicit ZeroPadding1D(const AxisEnds& padding = 1, ZeroPaddingOptions options = {})
        : ZeroPadding(1, "ZeroPadding1D", padding, std::move(options)) {}
    static ZeroPadding1D from_config(const Config& config) {
        const auto options = read_options("ZeroPadding1D", config);
        return ZeroPadding1D(options.padding, options);
    }
};
struct ZeroPadding2D : ZeroPadding {
    explicit ZeroPadding2D(const AxisEnds& padding = 1, ZeroPaddingOptions options = {})
        : ZeroPadding(2, "ZeroPadding2D", padding, std::move(options)) {}
    static ZeroPadding2D from_config(const Config& config) {
        const auto options = read_options("ZeroPadding2D", config);
        return ZeroPadding2D(options.padding, options);
    }
};
struct ZeroPadding3D : ZeroPadding {
    explicit ZeroPadding3D(const AxisEnds& padding = 1, ZeroPaddingOptions options = {})
        : ZeroPadding(3, "ZeroPadding3D", padding, std::move(options)) {}
    static ZeroPadding3D from_config(const Config& config) {
        const auto options = read_options("ZeroPadding3D", config);
        return ZeroPadding3D(options.padding, options);
    }
};

struct CroppingOptions {
    AxisEnds cropping = 1;
    std::string data_format = "channels_last";
};
/// The spatial axes without their ends.
class Cropping : public SpatialLayer {
public:
    void describe(Config& config) const override;

protected:
    Cropping(int rank, const char* layer, const AxisEnds& cropping, CroppingOptions options);
    static CroppingOptions read_options(const char* layer, const Config& config, const AxisEnds& unless_given);

private:
    Tensor apply(const Tensor& x) override;

    CroppingOptions options_;
};
struct Cropping1D : Cropping {
    explicit Cropping1D(const AxisEnds& cropping = 1, CroppingOptions options = {})
        : Cropping(1, "Cropping1D", cropping, std::move(options)) {}
    static Cropping1D from_config(const Config& config) {
        const auto options = read_options("Cropping1D", config, 1);
        return Cropping1D(options.cropping, options);
    }
};
struct Cropping2D : Cropping {
    explicit Cropping2D(const AxisEnds& cropping = 0, CroppingOptions options = {})
        : Cropping(2, "Cropping2D", cropping, std::move(options)) {}
    static Cropping2D from_config(const Config& config) {
        const auto options = read_options("Cropping2D", config, 0);
        return Cropping2D(options.cropping, options);
    }
};
struct Cropping3D : Cropping {
    explicit Cropping3D(const AxisEnds& cropping = 1, CroppingOptions options = {})
        : Cropping(3, "Cropping3D", cropping, std::move(options)) {}
    static Cropping3D from_config(const Config& config) {
        const auto options = read_options("Cropping3D", config, 1);
        return Cropping3D(options.cropping, options);
    }
};

}  // namespace xg
