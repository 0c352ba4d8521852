#pragma once
#include "../../autograd/function.h"
#include "../module.h"

namespace xg {

/// A layer where a function is wanted: Dense(64, LayerFunction(LeakyReLU({.negative_slope = 0.1}))).
class LayerFunction {
public:
    template <std::derived_from<Module> M> explicit LayerFunction(M layer)
        : LayerFunction(std::make_shared<M>(std::move(layer))) {}
    explicit LayerFunction(std::shared_ptr<Module> layer) : layer_(std::move(layer)) {}
    /// Throws if the layer has weights and is nobody's child: they would not be trained. Dense, convolutions,
    /// EinsumDense and Activation adopt it.
    Tensor operator()(const Tensor& x) const;
    const Module& layer() const { return *layer_; }
    const std::shared_ptr<Module>& shared() const { return layer_; }

private:
    std::shared_ptr<Module> layer_;
};

}  // namespace xg
