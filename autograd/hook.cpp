#include "hook.h"

namespace xg {

namespace {
Extras& extras_of(const char* who, const Tensor& x) {
    require<std::logic_error>(x.requires_grad(),
                              "{}: expected a tensor that requires a gradient, got one of shape {} that does not", who,
                              x.shape());
    auto& extras = node_of(x)->extras;
    if (!extras) extras = std::make_unique<Extras>();
    return *extras;
}
}  // namespace

Hook on_gradient(const Tensor& x, GradientHook f) { return extras_of("on_gradient", x).hooks.add(std::move(f)); }
void constrain(const Tensor& x, Projection f) { extras_of("constrain", x).constraint = std::move(f); }
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
