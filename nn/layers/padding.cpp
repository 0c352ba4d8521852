#include "padding.h"
#include "../../autograd/ops/indexing.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ZeroPaddingOptions& o, F&& field) {
    field("padding", o.padding);
    field("data_format", o.data_format);
}
template <class F> void fields(CroppingOptions& o, F&& field) {
    field("cropping", o.cropping);
    field("data_format", o.data_format);
}

namespace {
std::vector<Padding> checked(const char* layer, const char* what, int rank, const AxisEnds& ends) {
    const std::vector<Padding> each = ends.for_axes(rank);
    require<std::invalid_argument>(each.size() == std::size_t(rank), "{}: expected {} for one axis or {}, got {}",
                                   layer, what, rank, each.size());
    for (const Padding& p : each)
        require<std::invalid_argument>(p.before >= 0 && p.after >= 0, "{}: expected {} >= 0, got {} and {}", layer,
                                       what, p.before, p.after);
    return each;
}
}  // namespace

ZeroPadding::ZeroPadding(int rank, const char* layer, const AxisEnds& padding, ZeroPaddingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    options_.padding = checked(layer, "padding", rank, padding);
}
Tensor ZeroPadding::apply(const Tensor& x) {
    std::vector<Padding> every(std::size_t(rank_) + 2);
    std::ranges::copy(options_.padding.for_axes(rank_), every.begin() + 1);
    return pad(x, every);
}
void ZeroPadding::describe(Config& config) const { write(config, options_); }
ZeroPaddingOptions ZeroPadding::read_options(const char* layer, const Config& config) {
    return read<ZeroPaddingOptions>(layer, config);
}

Cropping::Cropping(int rank, const char* layer, const AxisEnds& cropping, CroppingOptions options)
    : SpatialLayer(rank, layer, options.data_format), options_(std::move(options)) {
    options_.cropping = checked(layer, "cropping", rank, cropping);
}
Tensor Cropping::apply(const Tensor& x) {
    std::vector<Index> inside{all};
    int a = 1;
    for (const Padding& ends : options_.cropping.for_axes(rank_)) {
        const auto n = x.shape()[a], first = ends.before, last = n - ends.after;
        require(first < last, "expected more than {} entries along axis {} to crop, got input {}", n - last + first, a,
                x.shape());
        inside.push_back(Slice(first, last));
        ++a;
    }
    return detail::index(x, inside);
}
void Cropping::describe(Config& config) const { write(config, options_); }
CroppingOptions Cropping::read_options(const char* layer, const Config& config, const AxisEnds& unless_given) {
    auto options = read<CroppingOptions>(layer, config);
    if (!config.contains("cropping")) options.cropping = unless_given;
    return options;
}

}  // namespace xg
