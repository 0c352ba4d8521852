// What settings of the layers' own types are in JSON, as Keras writes them.
#include "../settings.h"
#include "categorical.h"
#include "extents.h"
#include "lookup.h"
#include "padding.h"
#include "spatial.h"

namespace xg {

/// A number, or one for each axis.
void from(const Json& j, PerAxis& out) {
    Shape numbers;
    from(j, numbers);
    out = j.is_number() ? PerAxis(numbers[0]) : PerAxis(numbers);
}
Json value(const PerAxis& numbers) {
    const Shape& v = numbers.values();
    if (v.rank() == 0) return nullptr;
    return v.rank() == 1 ? Json(v[0]) : Json(std::vector<std::int64_t>(v.begin(), v.end()));
}

/// A number, or a list with null for what is as in the input.
void from(const Json& j, Extents& out) {
    out = {};
    for (const Json& extent : each_of(j)) from(extent, out.list.emplace_back());
}
Json value(const Extents& extents) {
    auto list = Json::array();
    for (auto& extent : extents.list) list.push_back(value(extent));
    return list;
}

/// As Keras writes them: a number; two; or for each axis a number or (before, after).
void from(const Json& j, AxisEnds& out) {
    std::vector<std::int64_t> ends;
    const auto read_ends = [&](const Json& one) {
        from(one, ends);
        require<std::invalid_argument>(ends.size() == 1 || ends.size() == 2,
                                       "expected a number, or two, for each axis, got {}", j.dump());
        return Padding{ends.front(), ends.back()};
    };
    if (j.is_number() || (j.size() == 2 && j[0].is_number() && j[1].is_number())) {
        const auto [before, after] = read_ends(j);
        out = j.is_number() ? AxisEnds(before) : AxisEnds::pair(before, after);
        return;
    }
    std::vector<Padding> each;
    for (const auto& axis : j) each.push_back(read_ends(axis));
    out = each;
}
Json value(const AxisEnds& ends) {
    const std::vector<Padding> each = ends.for_axes(1);
    if (each.size() == 1) return {each[0].before, each[0].after};
    auto j = Json::array();
    for (const Padding& p : each) j.push_back({p.before, p.after});
    return j;
}

/// A list, or a number for all lengths up to it.
void from(const Json& j, NGrams& out) {
    out = {};
    if (j.is_number()) out = j.get<int>();
    else out.lengths = j.get<std::vector<int>>();
}
Json value(const NGrams& ngrams) { return ngrams.lengths.empty() ? Json() : Json(ngrams.lengths); }

/// A string, or a number.
void from(const Json& j, HashKey& out) {
    out = j.is_integer() ? HashKey(j.get<std::int64_t>()) : HashKey(j.get<std::string>());
}
Json value(const HashKey& key) { return key.text; }

template struct detail::SettingOf<PerAxis>;
template struct detail::SettingOf<Extents>;
template struct detail::SettingOf<AxisEnds>;
template struct detail::SettingOf<NGrams>;
template struct detail::SettingOf<std::optional<HashKey>>;

}  // namespace xg
