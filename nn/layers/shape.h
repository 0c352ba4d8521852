#pragma once
#include "../module.h"

namespace xg {

struct FlattenOptions {
    std::string data_format = "channels_last";  // channels_first: axis 1 goes to the end first
};
/// Input (batch, ...), output (batch, everything else).
class Flatten : public Module {
public:
    explicit Flatten(FlattenOptions options = {});
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Flatten from_config(const Config& config);

protected:
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    FlattenOptions options_;
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
    MaskFate mask_fate() const override { return MaskFate::lost; }

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
    MaskFate mask_fate() const override { return MaskFate::lost; }

private:
    PermuteOptions options_;
};

}  // namespace xg
