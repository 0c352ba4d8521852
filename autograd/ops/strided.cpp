#include "strided.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"

namespace xg::detail {

Tensor read(const char* op, const Tensor& x, const Box& box) {
    Tensor y =
        box.window ? x.window(box.shape, box.offset) : kernel::gather_strided(x, box.shape, box.strides, box.offset);
    return record(op, std::move(y),
                  wrt(x, [op, box, shape = x.shape()](const Tensor& dy) { return place(op, dy, shape, box); }));
}
Tensor place(const char* op, const Tensor& y, const Shape& shape, const Box& box) {
    Tensor x = zeros(shape, y.dtype());
    kernel::scatter_strided(x, y, box.shape, box.strides, box.offset);
    return record(op, std::move(x), wrt(y, [op, box](const Tensor& dx) { return read(op, dx, box); }));
}

}  // namespace xg::detail
