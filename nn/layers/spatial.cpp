#include "spatial.h"
#include "../json.h"

namespace xg {

void from(const nlohmann::json& j, PerAxis& out) {
    Shape numbers;
    from(j, numbers);
    out = j.is_number() ? PerAxis(numbers[0]) : PerAxis(numbers);
}
nlohmann::json value(const PerAxis& numbers) {
    const Shape& v = numbers.values();
    if (v.rank() == 0) return nullptr;
    return v.rank() == 1 ? nlohmann::json(v[0]) : nlohmann::json(std::vector<std::int64_t>(v.begin(), v.end()));
}
template struct detail::SettingOf<PerAxis>;

}  // namespace xg
