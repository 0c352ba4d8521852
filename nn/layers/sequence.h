#pragma once
#include "../module.h"

namespace xg {

struct MaskingOptions {
    double mask_value = 0;
};
/// Masks the steps in which every feature is mask_value, and makes them 0. Input (batch, steps, features).
class Masking : public Module {
public:
    explicit Masking(MaskingOptions options = {}) : options_(options) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static Masking from_config(const Config& config);

private:
    MaskingOptions options_;
};

/// Input (batch, features), output (batch, n, features).
class RepeatVector : public Module {
public:
    explicit RepeatVector(std::int64_t n);
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static RepeatVector from_config(const Config& config);

private:
    std::int64_t n_;
};

/// A layer on every step, all of them as one large batch. Input (batch, steps, ...), output (batch, steps, ...).
class TimeDistributed : public Module {
public:
    template <std::derived_from<Module> Layer> explicit TimeDistributed(Layer layer)
        : TimeDistributed(std::shared_ptr<Module>(share(std::move(layer)))) {}
    explicit TimeDistributed(std::shared_ptr<Module> layer) : layer_(child("layer", std::move(layer))) {}
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static TimeDistributed from_config(const Config& config);

private:
    Module& layer_;
};

}  // namespace xg
