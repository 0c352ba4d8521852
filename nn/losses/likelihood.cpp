#include "likelihood.h"
#include <cmath>
#include "../../autograd/ops/activation.h"
#include "../../autograd/ops/indexing.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
Tensor row_of(const std::vector<double>& values, std::int64_t n, const char* loss, const char* what, DType dtype) {
    if (values.empty()) return ones({n}, dtype);
    require<std::invalid_argument>(std::int64_t(values.size()) == n, "{}: expected {} for each of {}, got {}", loss,
                                   what, n, values.size());
    return Tensor::of<double>({n}, values).to(dtype);
}
Tensor class_loss(const char* loss, const Tensor& log_p, const Tensor& target, const ClassLossOptions& o) {
    require(log_p.rank() >= 2, "{}: expected input (batch, classes, ...), got {}", loss, log_p.shape());
    const Tensor rows = axis_last(log_p, 1), given = labels_of_rows(loss, target, rows);
    const auto n = rows.shape().back();
    const Tensor weight = row_of(o.weight, n, loss, "weight", rows.dtype());
    const Tensor counts = given != o.ignore_index, labels = where(counts, given, 0);
    const Tensor of_each = take(weight, labels) * counts;
    Tensor values = -squeeze(take_along_axis(rows, expand_dims(labels, -1)), -1) * of_each;
    if (const double s = o.label_smoothing; s > 0)
        values = (1 - s) * values - s / double(n) * sum(rows * weight, -1) * counts;
    if (o.reduction == "mean") return sum(values) / sum(of_each);
    return reduced_as(loss, values, o.reduction);
}
}  // namespace

Tensor nll_loss(const Tensor& input, const Tensor& target, ClassLossOptions options) {
    require<std::invalid_argument>(options.label_smoothing == 0, "nll_loss: expected label_smoothing 0, got {}",
                                   options.label_smoothing);
    return class_loss("nll_loss", input, target, options);
}
Tensor cross_entropy(const Tensor& input, const Tensor& target, ClassLossOptions options) {
    require_smoothing("cross_entropy", options.label_smoothing);
    require(input.rank() >= 2, "cross_entropy: expected input (batch, classes, ...), got {}", input.shape());
    return class_loss("cross_entropy", log_softmax(input, 1), target, options);
}
Tensor binary_cross_entropy_with_logits(const Tensor& input, const Tensor& target, BinaryLogitsOptions o) {
    const char* name = "binary_cross_entropy_with_logits";
    const Tensor y = of_one_shape(name, target, input);
    const auto n = o.pos_weight.empty() || input.rank() == 0 ? 1 : input.shape().back();
    const Tensor weight = row_of(o.pos_weight, n, name, "pos_weight", input.dtype());
    return reduced_as(
        name,
        map(
            "binary_cross_entropy_with_logits",
            [](auto z, auto t, auto w) { return w * t * softplus(-z) + (1 - t) * softplus(z); }, input, y, weight),
        o.reduction);
}
Tensor kl_div(const Tensor& input, const Tensor& target, KLDivOptions o) {
    const Tensor y = of_one_shape("kl_div", target, input);
    const Tensor values =
        o.log_target
            ? map(
                  "kl_div", [](auto x, auto t) { return exp(t) * (t - x); }, input, y)
            : map(
                  "kl_div", [](auto x, auto t) { return where(t > 0, t * (log(where(t > 0, t, 1)) - x), -t * x); },
                  input, y);
    if (o.reduction != "batchmean") return reduced_as("kl_div", values, o.reduction);
    require(input.rank() > 0, "kl_div: expected input (batch, ...), got {}", input.shape());
    return sum(values) / double(input.shape()[0]);
}
Tensor poisson_nll_loss(const Tensor& input, const Tensor& target, PoissonNLLOptions o) {
    const Tensor y = of_one_shape("poisson_nll_loss", target, input);
    Tensor values = o.log_input ? exp(input) - y * input : input - y * log(input + o.eps);
    if (o.full)
        values = values + map(
                              "stirling",
                              [](auto t) {
                                  const auto n = where(t > 1, t, 1);
                                  return where(t > 1, n * log(n) - n + 0.5 * log(6.283185307179586 * n), 0);
                              },
                              y);
    return reduced_as("poisson_nll_loss", values, o.reduction);
}
Tensor gaussian_nll_loss(const Tensor& input, const Tensor& target, const Tensor& var, GaussianNLLOptions o) {
    const Tensor y = of_one_shape("gaussian_nll_loss", target, input);
    const Tensor given = of_one_shape("gaussian_nll_loss", var, input);
    require<std::invalid_argument>(!any(given < 0).item<bool>(), "gaussian_nll_loss: expected var >= 0, got less");
    const Tensor least = given + (maximum(given.detach(), o.eps) - given.detach());
    const Tensor values = map(
        "gaussian_nll", [](auto x, auto t, auto v) { return 0.5 * (log(v) + (x - t) * (x - t) / v); }, input, y, least);
    return reduced_as("gaussian_nll_loss", o.full ? values + 0.5 * std::log(2 * M_PI) : values, o.reduction);
}

}  // namespace xg
