#pragma once
// Normalization of each example on its own: the same in training and inference. Outputs have the input's shape.
#include "../module.h"

namespace xg {

struct LayerNormalizationOptions {
    std::vector<int> axis = {-1};  // one or several
    double epsilon = defaults::either(1e-3, 1e-5);
    bool center = true, scale = true;
    Box<Initializer> beta_initializer = Zeros();
    Box<Initializer> gamma_initializer = Ones();
    Box<Regularizer> beta_regularizer = {};
    Box<Regularizer> gamma_regularizer = {};
    Box<Constraint> beta_constraint = {};
    Box<Constraint> gamma_constraint = {};
};
/// Mean 0 and deviation 1 along `axis`, times gamma, plus beta.
class LayerNormalization : public Module {
public:
    explicit LayerNormalization(LayerNormalizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static LayerNormalization from_config(const Config& config);

private:
    LayerNormalizationOptions options_;
    Tensor gamma_, beta_;
};

struct GroupNormalizationOptions {
    std::int64_t groups = 32;  // -1: a group a channel, instance normalization
    int axis = -1;
    double epsilon = defaults::either(1e-3, 1e-5);
    bool center = true, scale = true;
    Box<Initializer> beta_initializer = Zeros();
    Box<Initializer> gamma_initializer = Ones();
    Box<Regularizer> beta_regularizer = {};
    Box<Regularizer> gamma_regularizer = {};
    Box<Constraint> beta_constraint = {};
    Box<Constraint> gamma_constraint = {};
};
/// Mean 0 and deviation 1 over all positions of each group of channels, times gamma, plus beta, one a channel.
/// Input (batch, ..., channels).
class GroupNormalization : public Module {
public:
    explicit GroupNormalization(GroupNormalizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static GroupNormalization from_config(const Config& config);

private:
    GroupNormalizationOptions options_;
    Tensor gamma_, beta_;
};

struct RMSNormalizationOptions {
    std::vector<int> axis = {-1};
    double epsilon = defaults::either(1e-6, 1.1920928955078125e-07);  // PyTorch: of float32
};
/// Mean square 1 along `axis`, times a scale of these extents. As in Keras that goes along the last axes: over others
/// it needs the same extents there.
class RMSNormalization : public Module {
public:
    explicit RMSNormalization(RMSNormalizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static RMSNormalization from_config(const Config& config);

private:
    RMSNormalizationOptions options_;
    Tensor scale_;
};

struct UnitNormalizationOptions {
    std::vector<int> axis = {-1};
};
/// Length 1 along `axis`; zeros stay zeros.
class UnitNormalization : public Module {
public:
    explicit UnitNormalization(UnitNormalizationOptions options = {}) : options_(std::move(options)) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static UnitNormalization from_config(const Config& config);

private:
    UnitNormalizationOptions options_;
};

}  // namespace xg
