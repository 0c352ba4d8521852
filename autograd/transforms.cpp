#include "transforms.h"
#include "../tensor/create.h"
#include "../tensor/random.h"
#include "ops/arithmetic.h"
#include "ops/layout.h"
#include "ops/linear_algebra.h"
#include "ops/reduction.h"
#include "vmap.h"

namespace xg {

namespace {
/// f at x, recorded from x on.
struct Evaluation {
    Evaluation(const Function& f, const Tensor& x) {
        const bool outside = modes.grad;
        const GradMode recording(true);
        const Tensor here = detail::for_every_level(x);
        // Its own node: nothing older is differentiated here, yet what surrounds this can go on to x.
        at = outside && here.requires_grad()
                 ? record("input", here.detach(), wrt(here, [](const Tensor& dy) { return dy; }))
                 : here.detach().require_grad();
        y = f(at);
        create_graph = outside && (x.requires_grad() || other_leaves());
    }
    /// The value as others see it.
    Tensor value() const { return create_graph ? y : y.detach(); }

    Tensor at, y;
    bool create_graph;  // somebody may differentiate what is made of this

private:
    bool other_leaves() const {
        for (const Node* step : detail::steps_of(y))
            if (step->is_leaf() && step != node_of(at)) return true;
        return false;
    }
};
/// sweep(direction) for each unit vector of `shape`, as rows; as many at once as fit comfortably.
template <class F> Tensor along_each_unit(const Shape& shape, std::int64_t other, DType dtype, const F& sweep) {
    const auto n = shape.numel(),
               at_once = std::clamp<std::int64_t>(4'000'000 / (n + other + 1), 1, std::max<std::int64_t>(n, 1));
    std::vector<Tensor> parts;
    for (std::int64_t first = 0; first < n; first += at_once) {
        const auto last = std::min(n, first + at_once);
        const Tensor units = (expand_dims(arange(first, last), 1) == arange(n)).to(dtype);
        parts.push_back(vmap(sweep, reshape(units, joined({last - first}, shape))));
    }
    return parts.size() == 1 ? parts[0] : concatenate(parts);
}
}  // namespace

Tensor detail::jacobian_of(const Tensor& y, const Tensor& x, bool create_graph) {
    const Shape shape = joined(y.shape(), x.shape());
    const auto rows = y.numel(), columns = x.numel();
    if (rows * columns == 0 || !y.requires_grad()) return zeros(shape, y.dtype());
    if (columns >= rows)
        return reshape(
            along_each_unit(y.shape(), columns, y.dtype(),
                            [&](const Tensor& dy) {
                                return pull_back(
                                    y, dy, x,
                                    {.create_graph = create_graph, .retain_graph = true, .unused = Unused::zeros});
                            }),
            shape);
    const Tensor across = along_each_unit(x.shape(), rows, x.dtype(), [&](const Tensor& v) {
        const GradMode mode(create_graph);
        const Tensor dy = Forward::sweep(y, {&x, 1}, {&v, 1});
        return dy.defined() ? dy : zeros_like(y);
    });
    return reshape(transpose(reshape(across, {columns, rows})), shape);
}

ValueAndGrad value_and_grad(const Function& f, const Tensor& x) {
    const Evaluation e(f, x);
    return {e.value(), grad(e.y, e.at, {.create_graph = e.create_graph})};
}
Tensor jacobian(const Function& f, const Tensor& x) {
    const Evaluation e(f, x);
    return detail::jacobian_of(e.y, e.at, e.create_graph);
}
Tensor hessian(const Function& f, const Tensor& x) {
    const Evaluation e(f, x);
    const Tensor slope = grad(e.y, e.at, {.create_graph = true, .unused = Unused::zeros});
    return detail::jacobian_of(slope, e.at, e.create_graph);
}
Vjp vjp(const Function& f, const Tensor& x) {
    const Evaluation e(f, x);
    return {e.value(), [e](const Tensor& dy) {
                return pull_back(e.y, dy, e.at,
                                 {.create_graph = modes.grad && (e.create_graph || dy.requires_grad()),
                                  .retain_graph = true,
                                  .unused = Unused::zeros});
            }};
}
namespace {
Tensor push_forward(const Tensor& y, const Evaluation& e, const Tensor& v) {
    const GradMode mode(modes.grad && (e.create_graph || v.requires_grad()));
    const Tensor tangent = Forward::sweep(y, {&e.at, 1}, {&v, 1});
    return tangent.defined() ? tangent : zeros_like(y);
}
}  // namespace
Jvp jvp(const Function& f, const Tensor& x, const Tensor& v) {
    require(v.shape() == x.shape(), "jvp: expected v of x's shape {}, got {}", x.shape(), v.shape());
    const Evaluation e(f, x);
    return {e.value(), push_forward(e.y, e, v)};
}
Tensor hvp(const Function& f, const Tensor& x, const Tensor& v) {
    require(v.shape() == x.shape(), "hvp: expected v of x's shape {}, got {}", x.shape(), v.shape());
    const Evaluation e(f, x);
    return push_forward(grad(e.y, e.at, {.create_graph = true, .unused = Unused::zeros}), e, v);
}

Tensor checkpoint(const Function& f, const Tensor& x) {
    const auto keys = std::make_shared<std::vector<RandomKey>>();
    const auto value = [&] {
        const Redraw random(*keys);
        return f(x);
    };
    return record("checkpoint", value, wrt(x, [f, x = Saved(x), keys, modes_then = modes](const Tensor& dy) {
                      const bool again_recorded = modes.grad;
                      struct AsThen {  // training or not, as it was
                          Modes now = modes;
                          ~AsThen() { modes = now; }
                      } restore;
                      modes.training = modes_then.training;
                      const GradMode recording(true);
                      const Redraw random(*keys);
                      // Recorded once more, x itself is differentiated; otherwise a stand-in, so that its graph is left
                      // alone.
                      const Tensor at = again_recorded ? x.get() : x.get().detach().require_grad();
                      return pull_back(f(at), dy, at, {.create_graph = again_recorded, .unused = Unused::zeros});
                  }));
}

Tensor detail::with_gradient(const std::function<Tensor()>& value, const Tensors& xs,
                             std::function<Tensors(const Tensor& dy, const Tensors& xs)> rule) {
    const std::vector<Saved> saved(xs.begin(), xs.end());
    return record(
        "custom_gradient", [&] { return Tensors{value()}; }, xs,
        [saved, rule = std::move(rule)](const Tensors& dy) {
            return rule(dy[0], Tensors(saved.begin(), saved.end()));
        })[0];
}

}  // namespace xg
