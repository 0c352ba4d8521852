#pragma once
// One row per differentiable operation. Every row gets the whole battery: first and second order against numeric
// derivatives in float64, on the shapes it lists, on extents of one, on nothing, and with one tensor as every operand.
#include <functional>
#include <string>
#include <vector>
#include "../../xgrad.h"

namespace xg::test {

using Inputs = std::vector<Tensor>;
using Shapes = std::vector<Shape>;

struct GradientRow {
    std::string name;  // the function's, as declared in autograd/ops
    std::function<Tensor(const Inputs&)> f;
    std::vector<Shapes> shapes;      // sets of operand shapes: plain, broadcast, ...
    double low = -2, high = 2;       // operands are drawn from here,
    double apart = 0;                // and keep this far from one another and from 0 (kinks)
    bool ones = true, empty = true;  // whether extents of one and of nothing make sense
};
/// Checks the row in every way; a failure names the row and the shapes.
void check_row(const GradientRow& row);

/// The tables, one a kind of operation.
const std::vector<GradientRow>& arithmetic_rows();
const std::vector<GradientRow>& elementwise_rows();
const std::vector<GradientRow>& activation_rows();
const std::vector<GradientRow>& reduction_rows();
const std::vector<GradientRow>& layout_rows();
const std::vector<GradientRow>& indexing_rows();
const std::vector<GradientRow>& linear_algebra_rows();
const std::vector<GradientRow>& loss_rows();
const std::vector<GradientRow>& recurrent_rows();
const std::vector<GradientRow>& convolution_rows();
const std::vector<GradientRow>& pooling_rows();
const std::vector<GradientRow>& normalization_rows();
const std::vector<GradientRow>& attention_rows();
const std::vector<GradientRow>& decomposition_rows();

}  // namespace xg::test
