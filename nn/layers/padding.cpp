#include "padding.h"
#include "../../autograd/ops/indexing.h"
#include "spatial.h"

namespace xg {

namespace {
std::vector<Padding> checked(const char* layer, const char* what, int rank, const AxisEnds& ends) {
    require<std::invalid_argument>(ends.count() == 1 || ends.count() == std::size_t(rank),
                                   "{}: expected {} for one axis or {}, got {}", layer, what, rank, ends.count());
    for (const Padding& p : ends.for_axes(rank))
        require<std::invalid_argument>(p.before >= 0 && p.after >= 0, "{}: expected {} >= 0, got {} and {}", layer,
                                       what, p.before, p.after);
    return ends.for_axes(rank);
}
/// As Keras writes them: a number; (before, after) for one axis; a number or (before, after) for each of several.
AxisEnds ends_from(const nlohmann::json& j, int rank) {
    if (j.is_number()) return j.get<std::int64_t>();
    if (rank == 1 && j.size() == 2) return {{j[0], j[1]}};
    std::vector<Padding> each;
    for (const auto& axis : j) each.push_back(axis.is_number() ? Padding{axis, axis} : Padding{axis.at(0), axis.at(1)});
    return each;
}
nlohmann::json ends_json(const std::vector<Padding>& ends) {
    if (ends.size() == 1) return {ends[0].before, ends[0].after};
    auto j = nlohmann::json::array();
    for (const Padding& p : ends) j.push_back({p.before, p.after});
    return j;
}
AxisEnds read_setting(const char* layer, const char* what, int rank, const AxisEnds& otherwise, const Config& config) {
    for (const auto& [key, setting] : config.json.items())
        require<std::invalid_argument>(
            key == what || key == "data_format" || key == "name" || key == "dtype" || key == "trainable",
            "{}: expected a known setting, got \"{}\"", layer, key);
    if (config.json.contains("data_format") && !config.json["data_format"].is_null())
        detail::expect_channels_last(layer, config.json["data_format"]);
    return config.json.contains(what) ? ends_from(config.json[what], rank) : otherwise;
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
void ZeroPadding::describe(Config& config) const { config.json["padding"] = ends_json(padding_); }
AxisEnds ZeroPadding::read_ends(int rank, const char* layer, const Config& config) {
    return read_setting(layer, "padding", rank, 1, config);
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
void Cropping::describe(Config& config) const { config.json["cropping"] = ends_json(cropping_); }
AxisEnds Cropping::read_ends(int rank, const char* layer, const AxisEnds& otherwise, const Config& config) {
    return read_setting(layer, "cropping", rank, otherwise, config);
}

}  // namespace xg
