#pragma once
#include "../../autograd/function.h"
#include "../module.h"
#include "extents.h"

namespace xg {

struct EinsumDenseOptions {
    std::string equation = {};  // "abc,cd->abd": input, kernel -> output
    Extents output_shape = {};  // without the batch axis
    Function activation = {};
    std::string bias_axes = {};  // letters of the output; empty: no bias
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
    Box<Regularizer> kernel_regularizer = {};
    Box<Regularizer> bias_regularizer = {};
    Box<Regularizer> activity_regularizer = {};
    Box<Constraint> kernel_constraint = {};
    Box<Constraint> bias_constraint = {};
};
/// activation(einsum(equation, x, kernel) + bias). The kernel's letters are those of the input and of the output.
class EinsumDense : public Module {
public:
    explicit EinsumDense(EinsumDenseOptions options);
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static EinsumDense from_config(const Config& config);

private:
    Tensor finished(const Tensor& y);

    EinsumDenseOptions options_;
    Tensor kernel_, bias_;
};

}  // namespace xg
