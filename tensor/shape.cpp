#include "shape.h"

namespace xg {

std::int64_t checked_numel(const Shape& shape, const char* op) {
    std::int64_t n = 1, bytes = 8;
    bool empty = false, fits = true;
    for (auto e : shape) {
        require(e >= 0, "{}: expected extents >= 0, got shape {}", op, shape);
        empty |= e == 0;
        fits = fits && (e == 0 || !__builtin_mul_overflow(bytes, e, &bytes));
        n *= fits ? e : 1;
    }
    require(empty || fits, "{}: expected a size below 2^60 elements, got shape {}", op, shape);
    return empty ? 0 : n;
}

Shape broadcast(const Shape& a, const Shape& b, const char* op) {
    const Shape& longer = a.rank() >= b.rank() ? a : b;
    const Shape& shorter = a.rank() >= b.rank() ? b : a;
    Shape out = longer;
    const int lead = longer.rank() - shorter.rank();
    for (int i = 0; i < shorter.rank(); ++i) {
        auto& extent = out[lead + i];
        if (extent == 1) extent = shorter[i];
        else
            require(shorter[i] == extent || shorter[i] == 1, "{}: expected shapes that broadcast, got {} and {}", op, a,
                    b);
    }
    return out;
}

Shape joined(const Shape& a, const Shape& b) {
    Shape shape = a;
    for (auto extent : b) shape.push_back(extent);
    return shape;
}

int normalize_axis(int axis, int rank, const char* op) {
    const int at = axis < 0 ? axis + rank : axis;
    require(0 <= at && at < rank, "{}: expected an axis in [-{}, {}), got {}", op, rank, rank, axis);
    return at;
}

}  // namespace xg

fmt::format_context::iterator fmt::formatter<xg::Shape>::format(const xg::Shape& shape,
                                                                fmt::format_context& context) const {
    std::string text;
    for (auto extent : shape) text += (text.empty() ? "" : ", ") + std::to_string(extent);
    return xg::detail::written("(" + text + (shape.rank() == 1 ? ",)" : ")"), context);
}
