#pragma once
#include "../module.h"

namespace xg {

namespace detail {
struct Call;
}
struct InputOptions {
    Shape shape = {};  // of one example; -1 for an extent that may be any
    DType dtype = f32;
};
/// The shape of one example, and its type: what follows is built at once. In a Sequential, or as the beginning of a
/// graph of layers (functional.h): `Input x({64}); Symbol y = x | Dense(10);`.
class Input : public Module {
public:
    explicit Input(const Shape& shape, DType dtype = f32) : options_{shape, dtype} {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Input from_config(const Config& config);
    /// A batch of one row of zeros, with 16 for an extent that may be any.
    Tensor example() const;

private:
    friend class Symbol;
    InputOptions options_;
    mutable std::shared_ptr<detail::Call> call_;  // what this variable is in graphs
};

}  // namespace xg
