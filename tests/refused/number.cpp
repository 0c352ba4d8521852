// expected: map: expected a generic lambda of one number a tensor, [](auto x, auto y) { return ...; }
#include <xgrad.h>
xg::Tensor f(const xg::Tensor& x) {
    return xg::map(
        "f", [](double v) { return v * v; }, x);
}
