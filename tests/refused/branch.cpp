// expected: map: expected where(condition, a, b), got if, ?:, && or || on elements
#include <xgrad.h>
xg::Tensor f(const xg::Tensor& x) {
    return xg::map(
        "f", [](auto v) { return v > 0 ? v : 0 * v; }, x);
}
