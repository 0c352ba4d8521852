#include "extents.h"
#include "../json.h"

namespace xg {

/// A number, or a list with null for what is as in the input.
void from(const nlohmann::json& j, Extents& out) {
    out = {};
    for (auto& extent : j.is_array() ? j : nlohmann::json::array({j})) from(extent, out.list.emplace_back());
}
nlohmann::json value(const Extents& extents) {
    auto list = nlohmann::json::array();
    for (auto& extent : extents.list) list.push_back(value(extent));
    return list;
}
template struct detail::SettingOf<Extents>;

Shape Extents::broadcasting_to(const Shape& input) const {
    Shape shape;
    const int more = input.rank() - int(list.size());
    bool fits = more >= 0;
    for (int a = 0; fits && a < int(list.size()); ++a) {
        shape.push_back(list[std::size_t(a)].value_or(input[more + a]));
        fits = shape.back() == 1 || shape.back() == input[more + a];
    }
    require(fits, "expected a noise_shape that broadcasts to the input's {}, got {}", input, value(*this).dump());
    return shape;
}

}  // namespace xg
