#include "strided.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"

namespace xg::detail {

namespace {
/// The box of every example, where each takes `size` elements.
Box of_examples(std::int64_t n, std::int64_t size, const Box& one) {
    Box box;
    box.offset = one.offset;
    box.axis(n, size);
    for (int a = 0; a < one.shape.rank(); ++a) box.axis(one.shape[a], one.strides[a]);
    return box;
}
}  // namespace

Tensor read(const char* op, const Tensor& x, const Box& box) {
    if (is_batched(x))
        return batched(x,
                       [&](const Tensor& all) { return read(op, all, of_examples(all.shape()[0], x.numel(), box)); });
    Tensor y =
        box.window ? x.window(box.shape, box.offset) : kernel::gather_strided(x, box.shape, box.strides, box.offset);
    return record(op, std::move(y),
                  wrt(x, [op, box, shape = x.shape()](const Tensor& dy) { return place(op, dy, shape, box); }));
}
Tensor place(const char* op, const Tensor& y, const Shape& shape, const Box& box) {
    if (is_batched(y))
        return batched(y, [&](const Tensor& all) {
            const auto n = all.shape()[0];
            return place(op, all, behind(n, shape), of_examples(n, shape.numel(), box));
        });
    Tensor x = zeros(shape, y.dtype());
    kernel::scatter_strided(x, y, box.shape, box.strides, box.offset);
    return record(op, std::move(x), wrt(y, [op, box](const Tensor& dx) { return read(op, dx, box); }));
}

}  // namespace xg::detail
