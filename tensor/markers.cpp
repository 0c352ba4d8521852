#include "markers.h"

namespace xg {

unsigned Axes::mask(int rank, const char* op) const {
    if (every_) return (1u << rank) - 1;
    unsigned mask = 0;
    for (int i = 0; i < count_; ++i) {
        const int axis = normalize_axis(axes_[i], rank, op);
        require(!(mask >> axis & 1), "{}: expected different axes, got {} twice", op, axes_[i]);
        mask |= 1u << axis;
    }
    return mask;
}

Shape reduced(const Shape& shape, unsigned mask, bool keepdims) {
    Shape out;
    for (int a = 0; a < shape.rank(); ++a)
        if (!(mask >> a & 1)) out.push_back(shape[a]);
        else if (keepdims) out.push_back(1);
    return out;
}

}  // namespace xg
