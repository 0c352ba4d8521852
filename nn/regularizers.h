#pragma once
#include <string>
#include "../tensor/box.h"
#include "../tensor/tensor.h"

namespace xg {

/// A scalar added to the loss for the size of a parameter or of a layer's output.
struct Regularizer {
    virtual ~Regularizer() = default;
    virtual Tensor operator()(const Tensor& x) const = 0;
};

struct L1Options {
    double l1 = 0.01;
};
/// l1 * sum(|x|)
struct L1 : Regularizer {
    explicit L1(L1Options o = {});
    explicit L1(double l1) : L1(L1Options{l1}) {}
    Tensor operator()(const Tensor& x) const override;
    const L1Options& settings() const { return options; }
    L1Options options;
};
struct L2Options {
    double l2 = 0.01;
};
/// l2 * sum(x^2), without the half that some put before it: PyTorch's weight_decay is 2 * l2.
struct L2 : Regularizer {
    explicit L2(L2Options o = {});
    explicit L2(double l2) : L2(L2Options{l2}) {}
    Tensor operator()(const Tensor& x) const override;
    const L2Options& settings() const { return options; }
    L2Options options;
};
struct L1L2Options {
    double l1 = 0, l2 = 0;
};
/// l1 * sum(|x|) + l2 * sum(x^2)
struct L1L2 : Regularizer {
    explicit L1L2(L1L2Options o = {});
    Tensor operator()(const Tensor& x) const override;
    const L1L2Options& settings() const { return options; }
    L1L2Options options;
};

struct OrthogonalRegularizerOptions {
    double factor = 0.01;
    std::string mode = "rows";  // columns
};
/// factor * the mean |cosine| between two different rows (or columns) of a matrix.
struct OrthogonalRegularizer : Regularizer {
    explicit OrthogonalRegularizer(OrthogonalRegularizerOptions o = {});
    Tensor operator()(const Tensor& x) const override;
    const OrthogonalRegularizerOptions& settings() const { return options; }
    OrthogonalRegularizerOptions options;
};

}  // namespace xg
