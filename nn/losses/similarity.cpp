#include "similarity.h"
#include <cmath>
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/logic.h"
#include "shared.h"

namespace xg {

using namespace detail;

namespace {
Tensor of_unit_length(const Tensor& x, const Axes& axes) {
    return x / maximum(norm(x, axes, {.keepdims = true}), tiny);
}
/// log(sum of e^x over each row of x where mask is true).
Tensor logsumexp_where(const Tensor& mask, const Tensor& x) { return logsumexp(where(mask, x, -INFINITY), 1); }
/// At 0 itself the gradient is 0, as in PyTorch.
Tensor beyond(const Tensor& x) {
    return map(
        "margin", [](auto v) { return maximum(v, 0); }, x);
}
/// Throws unless y holds -1 and 1 only.
void require_signs(const char* loss, const Tensor& y) {
    require<std::invalid_argument>(all((y == 1) | (y == -1)).item<bool>(), "{}: expected y of -1 and 1, got others",
                                   loss);
}
}  // namespace

Tensor CosineSimilarity::each(const Tensor& y_true, const Tensor& y_pred) const {
    const Tensor y = matched("CosineSimilarity", y_true, y_pred);
    const Axes axes(options_.axis.begin(), options_.axis.end());
    axes.mask(y.rank(), "CosineSimilarity");
    return -sum(of_unit_length(y, axes) * of_unit_length(y_pred, axes), axes);
}

Tensor Circle::each(const Tensor& y_true, const Tensor& y_pred) const {
    require(y_pred.rank() == 2, "Circle: expected y_pred (batch, features), got {}", y_pred.shape());
    const auto n = y_pred.shape()[0];
    const double g = options_.gamma, m = options_.margin;
    require(y_true.numel() == n, "Circle: expected one label a row of y_pred, got y_true {} and y_pred {}",
            y_true.shape(), y_pred.shape());
    const Tensor labels = y_true.to(i64), same = reshape(labels, {n, 1}) == reshape(labels, {1, n});
    const Tensor others = options_.remove_diagonal ? eye(n) == 0 : ones({n, n}, boolean);
    const Tensor distance = positive_part(1 - matmul(y_pred, y_pred, {.transpose_b = true}));
    const Tensor pull = map(
        "circle_pull", [](auto d, auto margin, auto scale) { return -scale * maximum(margin + d, 0) * (margin - d); },
        distance, full({}, m, y_pred.dtype()), full({}, g, y_pred.dtype()));
    const Tensor push = map(
        "circle_push",
        [](auto d, auto margin, auto scale) { return scale * maximum(1 + margin - d, 0) * (1 - margin - d); }, distance,
        full({}, m, y_pred.dtype()), full({}, g, y_pred.dtype()));
    return softplus(logsumexp_where(same & others, pull) + logsumexp_where(!same, push));
}
Tensor Circle::counted(const Tensor&, const Tensor& losses) const { return losses.detach() > 0; }

Tensor triplet_margin_loss(const Tensor& anchor, const Tensor& positive, const Tensor& negative,
                           TripletMarginOptions o) {
    const auto &a = anchor.shape(), &p = positive.shape(), &n = negative.shape();
    require(a == p && a == n && a.rank() > 0,
            "triplet_margin_loss: expected anchor, positive and negative of one shape, got {}, {} and {}", a, p, n);
    require<std::invalid_argument>(o.p > 0, "triplet_margin_loss: expected p > 0, got {}", o.p);
    const auto distance = [&](const Tensor& x, const Tensor& y) {
        const Tensor off = x - y + o.eps;
        return o.p == 2 ? norm(off, -1) : pow(sum(pow(abs(off), o.p), -1), 1 / o.p);
    };
    Tensor to_negative = distance(anchor, negative);
    if (o.swap) to_negative = minimum(to_negative, distance(positive, negative));
    return reduced_as("triplet_margin_loss", beyond(distance(anchor, positive) - to_negative + o.margin), o.reduction);
}
Tensor margin_ranking_loss(const Tensor& x1, const Tensor& x2, const Tensor& y, MarginOptions o) {
    require(x1.shape() == x2.shape() && x1.shape() == y.shape(),
            "margin_ranking_loss: expected x1, x2 and y of one shape, got {}, {} and {}", x1.shape(), x2.shape(),
            y.shape());
    require_signs("margin_ranking_loss", y);
    return reduced_as("margin_ranking_loss", beyond(o.margin - y.to(x1.dtype()) * (x1 - x2)), o.reduction);
}
Tensor cosine_embedding_loss(const Tensor& x1, const Tensor& x2, const Tensor& y, MarginOptions o) {
    require(x1.shape() == x2.shape() && x1.rank() > 0 && y.shape() == Shape(x1.shape().begin(), x1.shape().end() - 1),
            "cosine_embedding_loss: expected x1, x2 (..., features) and y (...), got {}, {} and {}", x1.shape(),
            x2.shape(), y.shape());
    require_signs("cosine_embedding_loss", y);
    const double tiny_square = 2.220446049250313e-16;
    const Tensor cosine = sum(x1 * x2, -1) / sqrt((sum(x1 * x1, -1) + tiny_square) * (sum(x2 * x2, -1) + tiny_square));
    return reduced_as("cosine_embedding_loss", where(y == 1, 1 - cosine, beyond(cosine - o.margin)), o.reduction);
}

template <class F> void fields(CosineSimilarityOptions& o, F&& field) {
    field("axis", o.axis);
    field("reduction", o.reduction);
}
template <class F> void fields(CircleOptions& o, F&& field) {
    field("gamma", o.gamma);
    field("margin", o.margin);
    field("remove_diagonal", o.remove_diagonal);
    field("reduction", o.reduction);
}
Table<Loss> similarity_losses() {
    return {entry<CosineSimilarity, Loss, CosineSimilarityOptions>("CosineSimilarity"),
            entry<Circle, Loss, CircleOptions>("Circle")};
}

}  // namespace xg
