#pragma once
#include "../module.h"

namespace xg {

/// Input (batch, ...), output (batch, everything else).
struct Flatten : Module {
    Tensor forward(const Tensor& x) override;
    void describe(Config&) const override {}

protected:
    bool keeps_mask() const override { return false; }
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

protected:
    bool keeps_mask() const override { return false; }

private:
    ReshapeOptions options_;
};

struct PermuteOptions {
    std::vector<int> dims = {};  // counted from 1: the batch stays in front
};
/// The axes behind the batch in another order.
class Permute : public Module {
public:
    explicit Permute(std::vector<int> dims);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Permute from_config(const Config& config);

protected:
    bool keeps_mask() const override { return false; }

private:
    PermuteOptions options_;
};

}  // namespace xg
