#pragma once
#include "../module.h"

namespace xg {

/// Input (batch, ...), output (batch, everything else).
struct Flatten : Module {
    Tensor forward(const Tensor& x) override;
    void describe(Config&) const override {}
};

/// Input (batch, ...), output (batch, target...); one extent may be -1.
class Reshape : public Module {
public:
    explicit Reshape(const Shape& target) : target_(target) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Reshape from_config(const Config& config);

private:
    Shape target_;
};

}  // namespace xg
