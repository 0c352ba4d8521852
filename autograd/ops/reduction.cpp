#include "reduction.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/reduce.h"
#include "../record.h"
#include "arithmetic.h"
#include "layout.h"

namespace xg {

namespace {
Tensor sum_axes(const Tensor& x, unsigned mask, const Shape& result) {
    if (!is_float(x.dtype())) return kernel::sum(x.to(i64), mask).window(result, 0);
    return record("sum", kernel::sum(x, mask).window(result, 0),
                  wrt(x, [kept = reduced(x.shape(), mask, true), shape = x.shape()](const Tensor& dy) {
                      return broadcast_to(reshape(dy, kept), shape);
                  }));
}
}  // namespace

Tensor sum(const Tensor& x, Axes axes, Reduction options) {
    const unsigned mask = axes.mask(x.rank(), "sum");
    return sum_axes(x, mask, reduced(x.shape(), mask, options.keepdims));
}

Tensor mean(const Tensor& x, Axes axes, Reduction options) {
    const Tensor values = is_float(x.dtype()) ? x : x.to(f32);
    const unsigned mask = axes.mask(x.rank(), "mean");
    const Tensor total = sum_axes(values, mask, reduced(x.shape(), mask, options.keepdims));
    double count = 1;
    for (int a = 0; a < x.rank(); ++a) count *= mask >> a & 1 ? double(x.shape()[a]) : 1;
    return total / count;
}

Tensor sum_to(const Tensor& x, const Shape& shape) {
    if (x.shape() == shape) return x;
    const int lead = x.rank() - shape.rank();
    require(lead >= 0, "sum_to: expected a shape that broadcasts to {}, got {}", x.shape(), shape);
    unsigned mask = (1u << lead) - 1;
    for (int a = 0; a < shape.rank(); ++a) {
        if (shape[a] == 1 && x.shape()[lead + a] != 1) mask |= 1u << (lead + a);
        else
            require(shape[a] == x.shape()[lead + a], "sum_to: expected a shape that broadcasts to {}, got {}",
                    x.shape(), shape);
    }
    return sum_axes(x, mask, shape);
}

}  // namespace xg
