// Gradients: of tensors, of functions, again and again.
#include <xgrad.h>
using namespace xg;

int main() {
    Tensor x = randn({3}, f64).require_grad();
    Tensor y = sum(tanh(x) * x);
    y.backward();  // accumulates into x.grad()
    Tensor y2 = sum(tanh(x) * x), w = randn({3}, f64).require_grad();
    Tensor gx = grad(y2, x);  // touches no .grad
    auto [ga, gb] = grad(sum(x * w * w), {x, w}, {.create_graph = true});
    Tensor second = grad(sum(gb), w);  // differentiated again
    auto f = [](const Tensor& v) { return sum(exp(v) * v); };
    Tensor J = jacobian(tanh, x), H = hessian(f, x), v = ones({3}, f64);
    auto [value, dydx] = value_and_grad(f, x);
    auto [out, tangent] = jvp(tanh, x, v);
    auto [out2, pullback] = vjp(tanh, x);
    Tensor Hv = hvp(f, x, v), z = checkpoint(tanh, x);

    // Every row's own gradient, as one computation; TensorFlow's form; a gradient of one's own.
    const Tensor rows = randn({4, 3}, f64);
    const Tensor each = vmap([&](const Tensor& row) { return value_and_grad(f, row).gradient; }, rows);
    GradientTape tape;
    tape.watch(rows);
    const Tensor taped = tape.gradient(exp(rows) * rows, rows);
    const auto straight_through =
        custom_gradient([](const Tensor& u) { return round(u); }, [](const Tensor& dy, const Tensor&) { return dy; });
    const Tensor passed = value_and_grad([&](const Tensor& u) { return sum(straight_through(u)); }, v).gradient;
    fmt::print("{}\n", gradcheck(f, v, {.order = 2}));
    print_saved(f(x));  // what the graph keeps

    const auto differ = [](const Tensor& a, const Tensor& b) { return max(abs(a - b)).item(); };
    const Tensor t = tanh(x.detach()), slope = 1 - t * t, at = x.detach();
    const double worst = std::max(
        {differ(gx, x.grad()), differ(gx, t + at * slope), differ(ga, w * w), differ(second, 2 * at),
         differ(tangent, slope), differ(pullback(v), slope), differ(sum(J, 1), slope), differ(dydx, (1 + at) * exp(at)),
         differ(Hv, (2 + at) * exp(at)), differ(sum(H, 0), Hv), differ(out, out2), differ(each, taped),
         differ(passed, v), differ(grad(sum(z), x), slope), std::abs(value.item() - f(at).item())});
    fmt::print("largest difference from the formulas: {:.1e}\n", worst);
    return worst < 1e-12 ? 0 : 1;
}
