#include "hook.h"

namespace xg {

Hook on_gradient(const Tensor& x, GradientHook f) {
    require<std::logic_error>(x.requires_grad(),
                              "on_gradient: expected a tensor that requires a gradient, got one of "
                              "shape {} that does not",
                              x.shape());
    auto& extras = node_of(x)->extras;
    if (!extras) extras = std::make_unique<Extras>();
    return extras->hooks.add(std::move(f));
}
void Extras::changed(Tensor& dy) const {
    hooks.each([&](const GradientHook& f) {
        const Tensor other = f(dy);
        if (!other.defined()) return;
        require(other.shape() == dy.shape(), "on_gradient: expected a gradient of shape {}, got {}", dy.shape(),
                other.shape());
        dy = other;
    });
}

}  // namespace xg
