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
/// Beside a column of targets, (n,) are predictions of n examples; an extent of one that the targets have not is left
/// out. Class numbers have an axis less by nature.
Tensor beside_targets(const Tensor& y_true, const Tensor& y_pred, bool class_numbers) {
    Tensor p = y_pred;
    if (p.rank() == 1 && y_true.rank() == 2 && y_true.shape()[1] == 1) p = expand_dims(p, 1);
    else if (p.rank() == y_true.rank() + 1 && y_true.rank() > 1 && p.shape().back() == 1 && !class_numbers)
        p = squeeze(p, -1);
    else return y_pred;
    if (y_pred.mask().defined()) p.set_mask(y_pred.mask());
    return p;
}
/// Whether NumPy's rule broadcasts one to the other's shape.
bool broadcasts(const Shape& a, const Shape& b) {
    for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i)
        if (const auto x = a[a.rank() - i], y = b[b.rank() - i]; x != y && x != 1 && y != 1) return false;
    return true;
}
/// As Keras aligns weights, with the last axes; where that does not fit, with the first: one for each example, whose
/// losses are along the axes that it has not.
Tensor aligned(Tensor weights, const Shape& losses) {
    if (broadcasts(weights.shape(), losses)) return weights;
    while (weights.rank() < losses.rank()) weights = expand_dims(weights, -1);
    return weights;
}
}  // namespace

Tensor Loss::operator()(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
    return weighed(y_true, y_pred, sample_weight, false);
}
Tensor Loss::of_rows(const Tensor& y_true, const Tensor& y_pred, const Tensor& sample_weight) const {
    return weighed(y_true, y_pred, sample_weight, sample_weight.defined() && sample_weight.rank() == 1);
}
Tensor Loss::weighed(const Tensor& y_true, const Tensor& given, const Tensor& sample_weight, bool by_row) const {
    const Tensor y_pred = beside_targets(y_true, given, given.rank() > 2 && classes(given) > 0);
    Tensor values = each(y_true, y_pred), weights;
    Tensor keep = counted(y_true, values);
    if (const Tensor mask = mask_of(y_pred); mask.defined())
        keep = keep.defined() ? (keep * mask).to(boolean) : mask.to(boolean);
    if (sample_weight.defined()) weights = sample_weight.to(values.dtype());
    while (by_row && weights.rank() < values.rank()) weights = expand_dims(weights, -1);
    double share = 1;  // of what counts: a mean is of that alone
    if (keep.defined()) {
        Tensor kept = keep.to(values.dtype());
        share = kept.numel() ? mean(kept).item() : 0;
        if (weights.defined()) {
            to_one_rank(kept, weights);
            weights = aligned(weights, kept.shape()) * aligned(kept, weights.shape());
        } else weights = kept;
    }
    if (weights.defined()) {
        to_one_rank(values, weights);
        weights = aligned(weights, values.shape());
        require(broadcasts(weights.shape(), values.shape()), "loss: expected one sample_weight an example {}, got {}",
                values.shape(), sample_weight.defined() ? sample_weight.shape() : weights.shape());
        values = values * weights;
    }
    if (reduction_ == "none" || values.rank() == 0) return values;
    const bool by_weight = reduction_ == "mean_with_sample_weight" && weights.defined();
    const double divisor = by_weight ? sum(weights).item() : double(values.numel()) * share;
    const Tensor total = sum(values);
    return reduction_ == "sum" ? total : total * (divisor != 0 ? 1 / divisor : 0);
}

}  // namespace xg
