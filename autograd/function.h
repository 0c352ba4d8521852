#pragma once
#include <functional>
#include <string>
#include "../tensor/tensor.h"

namespace xg {

/// A function of one tensor, with a name if it is a known one.
/// The first constructor is no template, so that the name of an overloaded function (`tanh`, `relu`) can be passed.
class Function {
public:
    Function() = default;  // the identity, "linear"
    Function(Tensor (*f)(const Tensor&));
    Function(const char* name);  // "relu"; throws if unknown
    Function(const std::string& name) : Function(name.c_str()) {}
    template <class F>
    requires(std::is_class_v<F>&& std::is_invocable_r_v<Tensor, const F&, const Tensor&>) Function(F f)
        : name_("lambda"), f_(std::move(f)) {}

    Tensor operator()(const Tensor& x) const { return f_ ? f_(x) : x; }
    const std::string& name() const { return name_; }
    /// The object it calls, if it is one of this class.
    template <class F> const F* target() const { return f_.template target<F>(); }
    /// Whether the name says which function it is: it is a known or a registered one.
    bool named() const { return name_ != "lambda" && name_ != "function"; }

private:
    std::string name_ = "linear";
    std::function<Tensor(const Tensor&)> f_;
};
/// A function that Function(name), and so a saved model, knows from now on: Dense(64, "gate"). Throws if the library
/// has one of that name.
void register_function(const std::string& name, std::function<Tensor(const Tensor&)> f);

}  // namespace xg
