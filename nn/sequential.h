#pragma once
#include "layers/activation.h"
#include "layers/input.h"

namespace xg {

/// What a Sequential is made of: a layer (moved in), one made with share(), a function, or {"name", any of these}.
struct Layer {
    template <class M>
    requires std::derived_from<std::remove_cvref_t<M>, Module> Layer(M&& layer)
        : module(std::make_shared<std::remove_cvref_t<M>>(std::forward<M>(layer))) {
        static_assert(!std::is_lvalue_reference_v<M>,
                      "a layer is moved in: std::move(layer); to use it twice, make it with share(...)");
    }
    template <std::derived_from<Module> M> Layer(std::shared_ptr<M> shared) : module(std::move(shared)) {}
    Layer(Tensor (*f)(const Tensor&)) : module(std::make_shared<Activation>(f)) {}
    template <class F>
    requires(std::is_class_v<F>&& std::is_invocable_r_v<Tensor, const F&, const Tensor&> &&
             !std::derived_from<F, Module>) Layer(F f)
        : module(std::make_shared<Activation>(std::move(f))) {}
    Layer(std::string called, Layer layer) : name(std::move(called)), module(std::move(layer.module)) {}

    std::string name;  // its position if empty
    std::shared_ptr<Module> module;
};

/// Layers one after another.
class Sequential : public Module {
public:
    Sequential() = default;
    /// GCC nests Sequential{Sequential{...}}, Clang 14 moves; so a lone unnamed Sequential counts as its layers.
    Sequential(std::initializer_list<Layer> layers);
    void add(Layer layer);
    Tensor forward(const Tensor& x) override;
    Tensor forward(const Tensors& xs) override;
    void describe(Config& config) const override;
    static Sequential from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::used; }  // by the layers
private:
    /// y through the layers from i on.
    Tensor run(Tensor y, std::size_t i);
};

}  // namespace xg
