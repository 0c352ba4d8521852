#pragma once
#include <optional>
#include "../../autograd/function.h"
#include "../module.h"

namespace xg {

/// A number each, or none for "as in the input": `4`, `{none, 4}`.
struct Extents {
    Extents() = default;
    template <std::integral I> Extents(I n) : list{std::int64_t(n)} {}
    Extents(std::initializer_list<std::optional<std::int64_t>> extents) : list(extents) {}
    std::vector<std::optional<std::int64_t>> list;
};
struct EinsumDenseOptions {
    std::string equation = {};  // "abc,cd->abd": input, kernel -> output
    Extents output_shape = {};  // without the batch axis
    Function activation = {};
    std::string bias_axes = {};  // letters of the output; empty: no bias
    Box<Initializer> kernel_initializer = GlorotUniform();
    Box<Initializer> bias_initializer = Zeros();
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
    EinsumDenseOptions options_;
    Tensor kernel_, bias_;
};

}  // namespace xg
