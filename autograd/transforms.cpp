#include "transforms.h"
#include "ops/arithmetic.h"
#include "ops/layout.h"
#include "ops/reduction.h"
#include "record.h"

namespace xg {

namespace {
constexpr GradOptions again{.create_graph = true, .unused = Unused::zeros};

Tensor leaf(const Tensor& x) { return x.detach().require_grad(); }
/// Entries of y differentiated one by one: rows of the Jacobian.
Tensor rows_of(const Tensor& y, const Tensor& x) {
    Shape shape = y.shape();
    for (auto extent : x.shape()) shape.push_back(extent);
    Tensor rows = Tensor::empty({y.numel(), x.numel()}, x.dtype());
    const Tensor flat = reshape(y, {-1});
    for (std::int64_t i = 0; i < y.numel(); ++i) {
        const Tensor row = grad(sum(slice(flat, i, i + 1)), x, {.retain_graph = true, .unused = Unused::zeros});
        rows.window({x.numel()}, i * x.numel()).assign(row.window({x.numel()}, 0));
    }
    return rows.window(shape, 0);
}
}  // namespace

ValueAndGrad value_and_grad(const Function& f, const Tensor& x) {
    const GradMode recording(true);
    const Tensor at = leaf(x), y = f(at);
    return {y.detach(), grad(y, at)};
}
Tensor jacobian(const Function& f, const Tensor& x) {
    const GradMode recording(true);
    const Tensor at = leaf(x);
    return rows_of(f(at), at);
}
Tensor hessian(const Function& f, const Tensor& x) {
    const GradMode recording(true);
    const Tensor at = leaf(x);
    return rows_of(grad(f(at), at, again), at);
}
Vjp vjp(const Function& f, const Tensor& x) {
    const GradMode recording(true);
    const Tensor at = leaf(x), y = f(at);
    return {y.detach(),
            [=](const Tensor& dy) { return grad(sum(y * dy), at, {.retain_graph = true, .unused = Unused::zeros}); }};
}
/// The pullback is linear in dy: its own derivative along v is the push-forward.
Jvp jvp(const Function& f, const Tensor& x, const Tensor& v) {
    require(v.shape() == x.shape(), "jvp: expected v of x's shape {}, got {}", x.shape(), v.shape());
    const GradMode recording(true);
    const Tensor at = leaf(x), y = f(at), dy = zeros_like(y).require_grad();
    const Tensor pulled = grad(sum(y * dy), at, again);
    return {y.detach(), grad(sum(pulled * v), dy, {.unused = Unused::zeros})};
}
Tensor hvp(const Function& f, const Tensor& x, const Tensor& v) {
    require(v.shape() == x.shape(), "hvp: expected v of x's shape {}, got {}", x.shape(), v.shape());
    const GradMode recording(true);
    const Tensor at = leaf(x);
    return grad(sum(grad(f(at), at, again) * v), at, {.unused = Unused::zeros});
}

Tensor checkpoint(const Function& f, const Tensor& x) {
    return record(
        "checkpoint", [&] { return f(x); }, wrt(x, [f, x = Saved(x)](const Tensor& dy) {
            const bool again_recorded = modes.grad;
            const GradMode recording(true);
            // Recorded once more, x itself is differentiated; otherwise a stand-in, so that its graph is left alone.
            const Tensor at = again_recorded ? x.get() : leaf(x.get());
            return grad(sum(f(at) * dy), at, {.create_graph = again_recorded, .unused = Unused::zeros});
        }));
}

}  // namespace xg
