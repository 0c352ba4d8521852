// expected: map: expected no captured variable, as it would get no gradient; pass it as a tensor
#include <xgrad.h>
xg::Tensor f(const xg::Tensor& x, double slope) {
    return xg::map(
        "f", [slope](auto v) { return slope * v; }, x);
}
