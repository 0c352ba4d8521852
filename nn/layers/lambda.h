#pragma once
#include <functional>
#include "../../autograd/function.h"
#include "../module.h"

namespace xg {

struct LambdaOptions {
    Function function = {};
};
/// A function of one tensor or of several as a layer. To be saved it needs a name, as register_function() gives it.
class Lambda : public Module {
public:
    Lambda(Function f) : options_{std::move(f)} {}
    template <class F>
    requires(std::is_class_v<F>&& std::is_invocable_r_v<Tensor, const F&, const Tensors&> &&
             !std::is_invocable_r_v<Tensor, const F&, const Tensor&>) Lambda(F f)
        : several_(std::move(f)) {}
    Tensor forward(const Tensor& x) override { return several_ ? several_({x}) : options_.function(x); }
    Tensor forward(const Tensors& xs) override { return several_ ? several_(xs) : Module::forward(xs); }
    void describe(Config& config) const override;
    static Lambda from_config(const Config& config);

private:
    LambdaOptions options_;
    std::function<Tensor(const Tensors&)> several_;
};

}  // namespace xg
