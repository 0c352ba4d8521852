#include "tape.h"
#include "../tensor/create.h"
#include "batch.h"
#include "ops/layout.h"
#include "transforms.h"
#include "vmap.h"

namespace xg {

namespace {
constinit thread_local int open_tapes = 0;
}

GradientTape::GradientTape(TapeOptions options) : options_(options) { ++open_tapes; }
GradientTape::~GradientTape() { --open_tapes; }

void GradientTape::watch(const Tensor& x) const {
    if (!x.requires_grad()) x.require_grad();
}
void GradientTape::watch(const std::vector<Tensor>& xs) const {
    for (const Tensor& x : xs) watch(x);
}

GradOptions GradientTape::use(const char* what, Unused unused) {
    require<std::logic_error>(options_.persistent || !used_,
                              "GradientTape: expected one call unless persistent, got another, of {}", what);
    used_ = true;
    return {.create_graph = open_tapes > 1, .retain_graph = options_.persistent, .unused = unused};
}

std::vector<Tensor> GradientTape::gradient(const Tensor& y, const std::vector<Tensor>& xs, Unused unconnected) {
    const GradOptions options = use("gradient", unconnected);
    std::vector<Tensor> dx(xs.size()), known;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        require<std::logic_error>(xs[i].requires_grad() || unconnected != Unused::error,
                                  "GradientTape: expected watched tensors, got x number {} that is not", i);
        if (unconnected == Unused::zeros) dx[i] = zeros_like(xs[i]);
        if (!xs[i].requires_grad()) continue;
        known.push_back(xs[i]);
        places.push_back(i);
    }
    if (known.empty()) return dx;
    std::vector<Tensor> found(known.size());
    detail::grad_into(y, ones_like(y), known, found.data(), options);
    for (std::size_t i = 0; i < known.size(); ++i) dx[places[i]] = found[i];
    return dx;
}
Tensor GradientTape::gradient(const Tensor& y, const Tensor& x, Unused unconnected) {
    return gradient(y, std::vector<Tensor>{x}, unconnected)[0];
}
Tensor GradientTape::jacobian(const Tensor& y, const Tensor& x) {
    return detail::jacobian_of(y, x, use("jacobian", Unused::zeros).create_graph);
}
Tensor GradientTape::batch_jacobian(const Tensor& y, const Tensor& x) {
    require(y.rank() > 0 && x.rank() > 0 && y.shape()[0] == x.shape()[0],
            "GradientTape: expected y (batch, ...) and x (batch, ...), got {} and {}", y.shape(), x.shape());
    const bool create_graph = use("batch_jacobian", Unused::zeros).create_graph;
    const Shape own(y.shape().begin() + 1, y.shape().end());
    const auto rows = own.numel(), batch = y.shape()[0];
    // One sweep an element of an example's y, for all examples together.
    const Tensor units = reshape(eye(rows, rows, y.dtype()), Shape{rows, 1, rows});
    const Tensor each = vmap(
        [&](const Tensor& unit) {
            return pull_back(y, reshape(broadcast_to(unit, {batch, rows}), y.shape()), x,
                             {.create_graph = create_graph, .retain_graph = true, .unused = Unused::zeros});
        },
        units);  // (rows, batch, x...)
    Shape shape = y.shape();
    for (int a = 1; a < x.rank(); ++a) shape.push_back(x.shape()[a]);
    return reshape(moveaxis(each, 0, 1), shape);
}

}  // namespace xg
