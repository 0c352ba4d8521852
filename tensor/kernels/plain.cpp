#include "plain.h"
#include <cassert>
#include "copy.h"
#include "elementwise.h"

namespace xg::kernel {

namespace {
/// One operand over the whole grid; steps in bytes.
struct Steps {
    const std::byte* p;
    std::int64_t across, step, down;
};
}  // namespace

Tensor plain_rows(const char* op, std::initializer_list<const Tensor*> xs, DType out, PlainRow row, const void* f) {
    const std::span operands(xs.begin(), xs.size());
    const int n = int(xs.size());
    std::array<const Shape*, 3> shapes{};
    assert(xs.size() <= shapes.size());
    for (int i = 0; i < n; ++i) shapes[std::size_t(i)] = &operands[std::size_t(i)]->shape();
    Shape shape;
    Grid grid;
    std::array<Kind, 3> kinds{};
    unsigned expand = 0;
    plan(op, n, shapes.data(), shape, grid, kinds.data(), expand);
    Tensor y = Tensor::empty(shape, out);
    std::array<Tensor, 3> grown;
    std::array<Steps, 3> steps{};
    const auto cols = grid.cols;
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const bool grow = expand >> i & 1;
        const Tensor& x = grow ? grown[i] = repeat_to(*operands[i], shape) : *operands[i];
        const Kind k = grow ? Kind::full : kinds[i];
        const auto size = std::int64_t(size_of(x.dtype()));
        steps[i] = {x.raw<std::byte>(), varies_across(k), size, (k == Kind::full ? cols : k == Kind::column) * size};
    }
    const auto size_out = std::int64_t(size_of(out));
    in_parts(grid, 0.3 * n, [&](const Part& part, std::int64_t) {
        for (auto r = part.row; r < part.end_row; ++r) {
            PlainOperands in;
            for (std::size_t i = 0; i < operands.size(); ++i) {
                const Steps& w = steps[i];
                in[i] = {w.p + r * w.down + part.col * w.across * w.step, w.across};
            }
            row(f, y.raw<std::byte>() + (r * cols + part.col) * size_out, in, part.end_col - part.col);
        }
    });
    return y;
}

}  // namespace xg::kernel
