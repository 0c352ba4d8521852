#include "rule.h"
#include "node.h"

namespace xg::detail {

Tensors pull_through(const std::function<Tensor(const Tensors&)>& f, const Tensors& xs, const Tensor& dy) {
    const bool again = modes.grad;
    const GradMode recording(true);
    Tensors inputs;
    for (const Tensor& x : xs) inputs.push_back(again && x.requires_grad() ? x.copy() : x.detach().require_grad());
    Tensors dx(xs.size());
    grad_into(f(inputs), dy, inputs, dx.data(), {.create_graph = again, .unused = Unused::zeros});
    return dx;
}

}  // namespace xg::detail
