// W14: a Hessian-vector product of W2's loss, and the whole Hessian of a network of 99 parameters.
#include <memory>
#include "mlp.h"
using namespace xg;

namespace bench {

namespace {
Work hessian_vector_product() {
    struct State {
        Sequential net = mlp("W2").net();
        std::vector<Dataset> data = mlp("W2").data();
        std::vector<Tensor> along = {};
    };
    const auto s = std::make_shared<State>();
    for (const Tensor& p : s->net.parameters()) s->along.push_back(randn(p.shape()));
    return {[s](int steps) {
        const auto& [x, y] = s->data[0];
        for (int i = 0; i < steps; ++i) {
            const std::vector<Tensor> p = s->net.parameters();
            const std::vector<Tensor> g = grad(MeanSquaredError()(y, s->net(x)), p, {.create_graph = true});
            Tensor slope = sum(g[0] * s->along[0]);
            for (std::size_t k = 1; k < g.size(); ++k) slope = slope + sum(g[k] * s->along[k]);
            grad(slope, p);
        }
    }};
}
/// A network 4-12-3 whose parameters are one vector.
Work whole_hessian() {
    const Tensor x = randn({32, 4}), y = randn({32, 3}), p = 0.3 * randn({99});
    const auto f = [=](const Tensor& q) {
        const Tensor a = reshape(slice(q, 0, 48), {4, 12}), b = slice(q, 48, 60),
                     d = reshape(slice(q, 60, 96), {12, 3}), e = slice(q, 96, 99);
        return mean(square(matmul(tanh(matmul(x, a) + b), d) + e - y));
    };
    return {[=](int steps) {
        for (int i = 0; i < steps; ++i) hessian(f, p);
    }};
}
const Register hvp({.workload = "W14", .metric = "hvp_W2", .make = hessian_vector_product}),
    all({.workload = "W14", .metric = "hessian_99", .make = whole_hessian});
}  // namespace

}  // namespace bench
