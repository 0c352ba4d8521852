#pragma once
#include <concepts>
#include "function.h"
#include "node.h"
#include "record.h"

namespace xg {

// f: Tensor -> Tensor; the names of overloaded functions can be passed (`jacobian(tanh, x)`). Every transform may stand
// in a function that another one differentiates; what it gives is then recorded.

struct ValueAndGrad {
    Tensor value, gradient;
};
/// f's value at x and its gradient; f(x) is a scalar.
ValueAndGrad value_and_grad(const Function& f, const Tensor& x);
/// d f(x)[i] / d x[j], shape f(x).shape + x.shape: forward if x has fewer elements than f(x), else in reverse; all
/// directions at once.
Tensor jacobian(const Function& f, const Tensor& x);
/// The second derivatives of a scalar function, shape x.shape + x.shape.
Tensor hessian(const Function& f, const Tensor& x);
struct Vjp {
    Tensor value;
    std::function<Tensor(const Tensor& dy)> pullback;
};
/// f(x), and the function that gives dy's gradient with respect to x.
Vjp vjp(const Function& f, const Tensor& x);
struct Jvp {
    Tensor value, tangent;
};
/// f(x), and its derivative along v, in forward mode.
Jvp jvp(const Function& f, const Tensor& x, const Tensor& v);
/// The Hessian times v, without the Hessian, forward over reverse; f(x) is a scalar.
Tensor hvp(const Function& f, const Tensor& x, const Tensor& v);
/// f(x), whose intermediate values are computed again in the backward pass instead of kept.
Tensor checkpoint(const Function& f, const Tensor& x);
/// x as a constant.
inline Tensor stop_gradient(const Tensor& x) { return x.detach(); }

namespace detail {
/// Every pair (y, x) of elements: dy / dx, shape y.shape + x.shape, through a recorded graph.
Tensor jacobian_of(const Tensor& y, const Tensor& x, bool create_graph);
Tensor with_gradient(const std::function<Tensor()>& value, const Tensors& xs,
                     std::function<Tensors(const Tensor& dy, const Tensors& xs)> rule);
}  // namespace detail

template <class F, class R> struct CustomGradient {
    F f;
    R rule;
    template <std::same_as<Tensor>... Xs>
    requires std::is_invocable_r_v<Tensor, const F&, const Xs&...> Tensor operator()(const Xs&... xs) const {
        const auto gradients = [rule = rule](const Tensor& dy, const Tensors& x) {
            return [&]<std::size_t... i>(std::index_sequence<i...>)->Tensors {
                if constexpr (std::is_invocable_r_v<Tensor, const R&, const Tensor&, const Xs&...>)
                    return {rule(dy, x[i]...)};
                else return rule(dy, x[i]...);
            }
            (std::index_sequence_for<Xs...>());
        };
        return detail::with_gradient([&]() -> Tensor { return f(xs...); }, {xs...}, gradients);
    }
};
/// f with another gradient: `auto g = custom_gradient(f, rule); g(x, w)` has f's value, and rule(dy, x, w) gives the
/// gradient of x, or those of all inputs as Tensors, in ordinary operations.
template <class F, class R> CustomGradient<F, R> custom_gradient(F f, R rule) {
    return {std::move(f), std::move(rule)};
}

}  // namespace xg
