#include "padding.h"
#include "../../autograd/ops/indexing.h"
#include "../json.h"
#include "spatial.h"

namespace xg {

/// As Keras writes them: a number; two; or for each axis a number or (before, after).
void from(const nlohmann::json& j, AxisEnds& out) {
    if (j.is_number()) {
        out = j.get<std::int64_t>();
    } else if (j.size() == 2 && j[0].is_number() && j[1].is_number()) {
        out = AxisEnds::pair(j[0], j[1]);
    } else {
        std::vector<Padding> each;
        for (const auto& axis : j)
            each.push_back(axis.is_number() ? Padding{axis, axis} : Padding{axis.at(0), axis.at(1)});
        out = each;
    }
}
nlohmann::json value(const AxisEnds& ends) {
    const std::vector<Padding> each = ends.for_axes(1);
    if (each.size() == 1) return {each[0].before, each[0].after};
    auto j = nlohmann::json::array();
    for (const Padding& p : each) j.push_back({p.before, p.after});
    return j;
}

namespace {
struct PaddingSettings {
    AxisEnds padding = 1;
    std::string data_format = "channels_last";
};
template <class F> void fields(PaddingSettings& o, F&& field) {
    field("padding", o.padding);
    field("data_format", o.data_format);
}
template <int ends> struct CroppingSettings {
    AxisEnds cropping = ends;
    std::string data_format = "channels_last";
};
template <int ends, class F> void fields(CroppingSettings<ends>& o, F&& field) {
    field("cropping", o.cropping);
    field("data_format", o.data_format);
}
template <class Settings> Settings settings(const char* layer, const Config& config) {
    const auto read_ones = read<Settings>(layer, config);
    detail::expect_channels_last(layer, read_ones.data_format);
    return read_ones;
}
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

ZeroPadding::ZeroPadding(int rank, const char* layer, const AxisEnds& padding)
    : padding_(checked(layer, "padding", rank, padding)) {}
Tensor ZeroPadding::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), int(padding_.size()));
    std::vector<Padding> every(padding_.size() + 2);
    std::ranges::copy(padding_, every.begin() + 1);
    return pad(x, every);
}
void ZeroPadding::describe(Config& config) const { write(config, PaddingSettings{padding_}); }
AxisEnds ZeroPadding::read_padding(const char* layer, const Config& config) {
    return settings<PaddingSettings>(layer, config).padding;
}

Cropping::Cropping(int rank, const char* layer, const AxisEnds& cropping)
    : cropping_(checked(layer, "cropping", rank, cropping)) {}
Tensor Cropping::forward(const Tensor& x) {
    detail::expect_rank(x.shape(), int(cropping_.size()));
    std::vector<Index> inside{all};
    for (std::size_t a = 0; a < cropping_.size(); ++a) {
        const auto n = x.shape()[int(a) + 1], first = cropping_[a].before, last = n - cropping_[a].after;
        require(first < last, "expected more than {} entries along axis {} to crop, got input {}", n - last + first,
                a + 1, x.shape());
        inside.push_back(Slice(first, last));
    }
    return detail::index(x, inside);
}
void Cropping::describe(Config& config) const { write(config, CroppingSettings<1>{cropping_}); }
AxisEnds Cropping::read_cropping(const char* layer, const Config& config) {
    return settings<CroppingSettings<1>>(layer, config).cropping;
}
Cropping2D Cropping2D::from_config(const Config& config) {
    return Cropping2D(settings<CroppingSettings<0>>("Cropping2D", config).cropping);
}

}  // namespace xg
