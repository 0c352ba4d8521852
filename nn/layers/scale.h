#pragma once
#include <optional>
#include "../module.h"

namespace xg {

struct RescalingOptions {
    std::vector<double> scale = {1}, offset = {0};  // one number, or one for each entry of the last axis
};
/// x scale + offset. Integers become float32.
class Rescaling : public Module {
public:
    explicit Rescaling(double scale, double offset = 0) : options_{{scale}, {offset}} {}
    explicit Rescaling(RescalingOptions options);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Rescaling from_config(const Config& config);

private:
    RescalingOptions options_;
};

struct NormalizationOptions {
    std::optional<std::vector<int>> axis =
        std::vector{-1};                           // whose entries keep statistics of their own; none: no axis
    std::vector<double> mean = {}, variance = {};  // given, instead of adapt(): one number or one an entry
    bool invert = false;                           // back from normalized values
};
/// (x - mean) / max(sqrt(variance), 1e-7) of the data seen in adapt(). Input (batch, ...), output the same shape.
class Normalization : public Module {
public:
    explicit Normalization(NormalizationOptions options = {});
    /// Takes mean and variance of all of `data`, (batch, ...); forgets what was before.
    void adapt(const Tensor& data);
    Tensor forward(const Tensor& x) override;
    void build(const Shape& input) override;
    void describe(Config& config) const override;
    static Normalization from_config(const Config& config);

private:
    unsigned kept(int rank) const;
    NormalizationOptions options_;
    Tensor mean_, variance_;
};

}  // namespace xg
