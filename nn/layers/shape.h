#pragma once
#include "../module.h"

namespace xg {

/// Input (batch, ...), output (batch, everything else).
struct Flatten : Module {
    Tensor forward(const Tensor& x) override;
    void describe(Config&) const override {}
};

struct ReshapeOptions {
    Shape target_shape = {};  // without the batch axis
};
/// Input (batch, ...), output (batch, target...); one extent may be -1.
class Reshape : public Module {
public:
    explicit Reshape(const Shape& target) : options_{target} {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Reshape from_config(const Config& config);

private:
    ReshapeOptions options_;
};

}  // namespace xg
