#pragma once
#include <vector>
#include "../tensor/box.h"
#include "../tensor/tensor.h"

namespace xg {

/// Where a parameter may be: what an optimizer's step has moved elsewhere is put back.
struct Constraint {
    virtual ~Constraint() = default;
    virtual Tensor operator()(const Tensor& w) const = 0;
};

/// Negative elements become 0.
struct NonNeg : Constraint {
    Tensor operator()(const Tensor& w) const override;
};

// Norms are taken along `axis`: 0 for what enters each unit of a Dense kernel, {0, 1, 2} for each filter of a
// two-dimensional convolution.
struct MaxNormOptions {
    double max_value = 2;
    std::vector<int> axis = {0};
};
/// Longer vectors are shortened to max_value (Srivastava et al. 2014).
struct MaxNorm : Constraint {
    explicit MaxNorm(MaxNormOptions o = {});
    explicit MaxNorm(double max_value) : MaxNorm(MaxNormOptions{.max_value = max_value}) {}
    Tensor operator()(const Tensor& w) const override;
    const MaxNormOptions& settings() const { return options; }
    MaxNormOptions options;
};
struct UnitNormOptions {
    std::vector<int> axis = {0};
};
/// Vectors take the length 1.
struct UnitNorm : Constraint {
    explicit UnitNorm(UnitNormOptions o = {}) : options(std::move(o)) {}
    Tensor operator()(const Tensor& w) const override;
    const UnitNormOptions& settings() const { return options; }
    UnitNormOptions options;
};
struct MinMaxNormOptions {
    double min_value = 0, max_value = 1;
    double rate = 1;  // how much of the way to the nearest length allowed is gone in one step
    std::vector<int> axis = {0};
};
/// Vectors move to a length between min_value and max_value.
struct MinMaxNorm : Constraint {
    explicit MinMaxNorm(MinMaxNormOptions o = {});
    Tensor operator()(const Tensor& w) const override;
    const MinMaxNormOptions& settings() const { return options; }
    MinMaxNormOptions options;
};

}  // namespace xg
