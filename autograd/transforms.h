#pragma once
#include "function.h"
#include "node.h"

namespace xg {

// f: Tensor -> Tensor; the names of overloaded functions can be passed (`jacobian(tanh, x)`).

struct ValueAndGrad {
    Tensor value, gradient;
};
/// f's value at x and its gradient; f(x) is a scalar.
ValueAndGrad value_and_grad(const Function& f, const Tensor& x);
/// d f(x)[i] / d x[j], shape f(x).shape + x.shape.
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
/// f(x), and its derivative along v.
Jvp jvp(const Function& f, const Tensor& x, const Tensor& v);
/// The Hessian times v, without the Hessian; f(x) is a scalar.
Tensor hvp(const Function& f, const Tensor& x, const Tensor& v);
/// f(x), whose intermediate values are computed again in the backward pass instead of kept.
Tensor checkpoint(const Function& f, const Tensor& x);
/// x as a constant.
inline Tensor stop_gradient(const Tensor& x) { return x.detach(); }

}  // namespace xg
