#pragma once
#include "../module.h"

namespace xg {

/// The shape of one example, and its type: what follows is built at once.
class Input : public Module {
public:
    explicit Input(const Shape& shape, DType dtype = f32) : shape_(shape), dtype_(dtype) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Input from_config(const Config& config);
    /// A batch of one row of zeros.
    Tensor example() const;

private:
    Shape shape_;
    DType dtype_;
};

}  // namespace xg
