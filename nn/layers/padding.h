#pragma once
#include "../../autograd/ops/layout.h"
#include "../module.h"

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

/// Zeros around the spatial axes.
class ZeroPadding : public Module {
public:
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;

protected:
    ZeroPadding(int rank, const char* layer, const AxisEnds& padding);
    static AxisEnds read_padding(const char* layer, const Config& config);

private:
    std::vector<Padding> padding_;
};
struct ZeroPadding1D : ZeroPadding {
    explicit ZeroPadding1D(const AxisEnds& padding = 1) : ZeroPadding(1, "ZeroPadding1D", padding) {}
    static ZeroPadding1D from_config(const Config& c) { return ZeroPadding1D(read_padding("ZeroPadding1D", c)); }
};
struct ZeroPadding2D : ZeroPadding {
    explicit ZeroPadding2D(const AxisEnds& padding = 1) : ZeroPadding(2, "ZeroPadding2D", padding) {}
    static ZeroPadding2D from_config(const Config& c) { return ZeroPadding2D(read_padding("ZeroPadding2D", c)); }
};
struct ZeroPadding3D : ZeroPadding {
    explicit ZeroPadding3D(const AxisEnds& padding = 1) : ZeroPadding(3, "ZeroPadding3D", padding) {}
    static ZeroPadding3D from_config(const Config& c) { return ZeroPadding3D(read_padding("ZeroPadding3D", c)); }
};

/// The spatial axes without their ends.
class Cropping : public Module {
public:
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;

protected:
    Cropping(int rank, const char* layer, const AxisEnds& cropping);
    static AxisEnds read_cropping(const char* layer, const Config& config);

private:
    std::vector<Padding> cropping_;
};
struct Cropping1D : Cropping {
    explicit Cropping1D(const AxisEnds& cropping = 1) : Cropping(1, "Cropping1D", cropping) {}
    static Cropping1D from_config(const Config& c) { return Cropping1D(read_cropping("Cropping1D", c)); }
};
struct Cropping2D : Cropping {
    explicit Cropping2D(const AxisEnds& cropping = 0) : Cropping(2, "Cropping2D", cropping) {}
    static Cropping2D from_config(const Config& config);
};
struct Cropping3D : Cropping {
    explicit Cropping3D(const AxisEnds& cropping = 1) : Cropping(3, "Cropping3D", cropping) {}
    static Cropping3D from_config(const Config& c) { return Cropping3D(read_cropping("Cropping3D", c)); }
};

}  // namespace xg
