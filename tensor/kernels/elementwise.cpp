#include "elementwise.h"

namespace xg::kernel {

void plan(const char* op, int n, const Shape* const* shapes, Shape& out, Grid& grid, Kind* kind, unsigned& expand) {
    out = *shapes[0];
    for (int i = 1; i < n; ++i) out = broadcast(out, *shapes[i], op);
    const auto repeated = [&](int i, int axis) {
        const int own = axis - (out.rank() - shapes[i]->rank());
        return own < 0 || (*shapes[i])[own] != out[axis];
    };
    // The axis at which rows end and columns begin: the first change in the first operand that is broadcast in part.
    int split = -1;
    for (int i = 0; i < n; ++i) {
        unsigned pattern = 0, changes = 0, at = 0;
        int last = -1;
        for (int axis = 0; axis < out.rank(); ++axis) {
            if (out[axis] == 1) continue;
            const int r = repeated(i, axis);
            pattern |= 1u << r;
            if (last >= 0 && r != last) {
                ++changes;
                at = unsigned(axis);
            }
            last = r;
        }
        if (changes == 0) {
            kind[i] = pattern == 2 ? Kind::scalar : Kind::full;
        } else if (changes == 1 && (split < 0 || split == int(at))) {
            kind[i] = last == 0 ? Kind::row : Kind::column;
            split = int(at);
        } else {
            kind[i] = Kind::full;
            expand |= 1u << i;
        }
    }
    grid = {1, 1};
    for (int axis = 0; axis < out.rank(); ++axis) (axis < split ? grid.rows : grid.cols) *= out[axis];
}

}  // namespace xg::kernel
