#include "extents.h"

namespace xg {

Shape Extents::broadcasting_to(const Shape& input) const {
    Shape shape;
    const int more = input.rank() - int(list.size());
    bool fits = more >= 0;
    for (int a = 0; fits && a < int(list.size()); ++a) {
        shape.push_back(list[std::size_t(a)].value_or(input[more + a]));
        fits = shape.back() == 1 || shape.back() == input[more + a];
    }
    std::string given;
    for (auto& extent : list) given += (given.empty() ? "" : ",") + (extent ? std::to_string(*extent) : "null");
    require(fits, "expected a noise_shape that broadcasts to the input's {}, got [{}]", input, given);
    return shape;
}

}  // namespace xg
