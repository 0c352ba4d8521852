#pragma once
#include "../module.h"

namespace xg {

struct InputOptions {
    Shape shape = {};  // of one example
    DType dtype = f32;
};
/// The shape of one example, and its type: what follows is built at once.
class Input : public Module {
public:
    explicit Input(const Shape& shape, DType dtype = f32) : options_{shape, dtype} {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Input from_config(const Config& config);
    /// A batch of one row of zeros.
    Tensor example() const;

private:
    InputOptions options_;
};

}  // namespace xg
