#include "dtype.h"
#include <array>

namespace xg {

namespace {
constexpr std::array<const char*, 6> names{"float32", "float64", "int32", "int64", "uint8", "bool"};
}  // namespace

const char* name_of(DType d) { return names[std::size_t(d)]; }

DType dtype_from(fmt::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i)
        if (name == names[i]) return DType(i);
    fail<std::invalid_argument>("dtype: expected one of float32, float64, int32, int64, uint8, bool, got {}", name);
}

DType Scalar::with(DType tensor) const {
    if (is_float(tensor)) return tensor;
    if (!integral_) return f32;
    return tensor == boolean ? i64 : tensor;
}

}  // namespace xg
