#include "loss.h"
#include "shared.h"

namespace xg {

namespace detail {
namespace {
Shape without_last_one(const Shape& s) { return Shape(s.begin(), s.end() - (s.rank() > 0 && s.back() == 1)); }
}  // namespace

void refuse_column_against_vector(const char* who, const Tensor& y_true, const Tensor& y_pred) {
    const Shape &t = y_true.shape(), &p = y_pred.shape();
    require(t == p || y_true.numel() != y_pred.numel() || y_true.numel() <= 1 ||
                !(without_last_one(t) == p || t == without_last_one(p)),
            "{}: expected y_true and y_pred of one shape, got {} and {}", who, t, p);
}
Tensor of_one_shape(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
    require(y_true.shape() == y_pred.shape(), "{}: expected y_true and y_pred of one shape, got {} and {}", loss,
            y_true.shape(), y_pred.shape());
    return y_true.to(y_pred.dtype());
}
Tensor matched(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
    const Shape &t = y_true.shape(), &p = y_pred.shape();
    if (!(without_last_one(t) == p) && !(t == without_last_one(p))) return of_one_shape(loss, y_true, y_pred);
    const Tensor y = y_true.to(y_pred.dtype());
    return t == p ? y : reshape(y, p);
}
Tensor labels_of_rows(const char* loss, const Tensor& y_true, const Tensor& y_pred) {
    require(y_pred.rank() > 0, "{}: expected y_pred (..., classes), got {}", loss, y_pred.shape());
    const Shape rows(y_pred.shape().begin(), y_pred.shape().end() - 1);
    Tensor labels = y_true.to(i64);
    if (labels.rank() == y_pred.rank() && labels.shape().back() == 1) labels = reshape(labels, rows);
    require(labels.shape() == rows, "{}: expected one label a row of y_pred, got y_true {} and y_pred {}", loss,
            y_true.shape(), y_pred.shape());
    return labels;
}
Tensor axis_last(const Tensor& x, int axis) {
    return normalize_axis(axis, x.rank(), "loss") == x.rank() - 1 ? x : moveaxis(x, axis, -1);
}
void require_smoothing(const char* loss, double share) {
    require<std::invalid_argument>(0 <= share && share <= 1, "{}: expected 0 <= label_smoothing <= 1, got {}", loss,
                                   share);
}
Tensor reduced_as(const char* loss, const Tensor& values, const std::string& reduction) {
    require<std::invalid_argument>(reduction == "mean" || reduction == "sum" || reduction == "none",
                                   "{}: expected reduction mean, sum or none, got {}", loss, reduction);
    return reduction == "mean" ? mean(values) : reduction == "sum" ? sum(values) : values;
}
}  // namespace detail

Loss::Loss(ReductionName reduction) : reduction_(std::move(reduction)) {
    const auto& r = reduction_;
    require<std::invalid_argument>(
        r == "sum_over_batch_size" || r == "mean" || r == "sum" || r == "mean_with_sample_weight" || r == "none",
        "loss: expected reduction sum_over_batch_size, mean, sum, mean_with_sample_weight or none, got {}", r);
}

namespace {
/// As Keras does: beside (n,), an (n, 1) makes both (n, 1); an extent of one too many is left out.
void to_one_rank(Tensor& a, Tensor& b) {
    if (a.rank() == b.rank() + 1 && a.shape().back() == 1) {
        if (b.rank() == 1) b = expand_dims(b, -1);
        else a = squeeze(a, -1);
    } else if (b.rank() == a.rank() + 1 && b.shape().back() == 1) to_one_rank(b, a);
}
/// Beside a column of targets, (n,) are predictions of n examples.
Tensor beside_column(const Tensor& y_true, const Tensor& y_pred) {
    if (y_pred.rank() != 1 || y_true.rank() != 2 || y_true.shape()[1] != 1) return y_pred;
    const Tensor column = expand_dims(y_pred, 1);
    if (y_pred.mask().defined()) column.set_mask(y_pred.mask());
    return column;
}
/// One for each example, whose losses are along the axes that it has not.
Tensor widened(Tensor weights, int rank) {
    while (0 < weights.rank() && weights.rank() < rank) weights = expand_dims(weights, -1);
    return weights;
}
}  // namespace

Tensor Loss::operator()(const Tensor& y_true, const Tensor& given, const Tensor& sample_weight) const {
    const Tensor y_pred = beside_column(y_true, given);
    Tensor values = each(y_true, y_pred), weights;
    Tensor keep = counted(y_true, values);
    if (const Tensor mask = mask_of(y_pred); mask.defined())
        keep = keep.defined() ? (keep * mask).to(boolean) : mask.to(boolean);
    if (sample_weight.defined()) {
        require(values.rank() > 0, "loss: expected a loss of each example for sample_weight, got one of the batch");
        weights = sample_weight.to(values.dtype());
    }
    double share = 1;  // of what counts: a mean is of that alone
    if (keep.defined()) {
        Tensor kept = keep.to(values.dtype());
        share = kept.numel() ? mean(kept).item() : 0;
        if (weights.defined()) {
            to_one_rank(kept, weights);
            weights = widened(weights, kept.rank()) * widened(kept, weights.rank());
        } else weights = kept;
    }
    if (weights.defined()) {
        to_one_rank(values, weights);
        weights = widened(weights, values.rank());
        bool fits = weights.rank() <= values.rank() || values.rank() == 0;
        for (int a = 0; fits && a < std::min(weights.rank(), values.rank()); ++a)
            fits = weights.shape()[a] == 1 || weights.shape()[a] == values.shape()[a];
        require(fits, "loss: expected one sample_weight an example {}, got {}", values.shape(),
                sample_weight.defined() ? sample_weight.shape() : weights.shape());
        values = values * weights;
    }
    if (reduction_ == "none" || values.rank() == 0) return values;
    const bool by_weight = reduction_ == "mean_with_sample_weight" && weights.defined();
    const double divisor = by_weight ? sum(weights).item() : double(values.numel()) * share;
    const Tensor total = sum(values);
    return reduction_ == "sum" ? total : total * (divisor != 0 ? 1 / divisor : 0);
}

}  // namespace xg
