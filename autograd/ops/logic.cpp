#include "logic.h"
#include <cmath>
#include "../batch.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "reduction.h"

namespace xg {

namespace {
template <class F> Tensor truths(const char* op, const Tensor& a, const Tensor& b, const F& f) {
    return detail::plain_map<bool, bool>(op, f, a.detach() != 0, b.detach() != 0);
}
template <class F> Tensor bits(const char* op, const Tensor& a, const Tensor& b, const F& f) {
    const DType d = promote(a.dtype(), b.dtype());
    if (d == boolean) return detail::plain_map<bool, bool>(op, f, a, b);
    return dispatch_integer(d, op, [&]<class T> { return detail::plain_map<T, T>(op, f, a.to(d), b.to(d)); });
}
}  // namespace

Tensor logical_and(const Tensor& a, const Tensor& b) {
    return truths("logical_and", a, b, [](bool u, bool v) { return u && v; });
}
Tensor logical_or(const Tensor& a, const Tensor& b) {
    return truths("logical_or", a, b, [](bool u, bool v) { return u || v; });
}
Tensor logical_xor(const Tensor& a, const Tensor& b) {
    return truths("logical_xor", a, b, [](bool u, bool v) { return u != v; });
}
Tensor logical_not(const Tensor& x) { return x == 0; }

Tensor operator&(const Tensor& a, const Tensor& b) {
    return bits("operator&", a, b, [](auto u, auto v) { return u & v; });
}
Tensor operator|(const Tensor& a, const Tensor& b) {
    return bits("operator|", a, b, [](auto u, auto v) { return u | v; });
}
Tensor operator^(const Tensor& a, const Tensor& b) {
    return bits("operator^", a, b, [](auto u, auto v) { return u ^ v; });
}
Tensor operator~(const Tensor& x) {
    if (x.dtype() == boolean) return logical_not(x);
    return dispatch_integer(x.dtype(), "operator~", [&]<class T> {
        return detail::plain_map<T, T>(
            "operator~", [](T u) { return ~u; }, x);
    });
}

Tensor isclose(const Tensor& a, const Tensor& b, Closeness options) {
    const Tensor u = a.detach().to(f64), v = b.detach().to(f64);
    return detail::plain_map<bool, double>(
        "isclose",
        [&](double p, double q) {
            if (p != p || q != q) return options.equal_nan && p != p && q != q;
            return p == q || (std::isfinite(q) && std::fabs(p - q) <= options.atol + options.rtol * std::fabs(q));
        },
        u, v);
}
bool allclose(const Tensor& a, const Tensor& b, Closeness options) {
    return every(isclose(a, b, options)).item<bool>();
}
bool array_equal(const Tensor& a, const Tensor& b) { return a.shape() == b.shape() && every(a == b).item<bool>(); }

}  // namespace xg
