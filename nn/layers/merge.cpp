#include "merge.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/elementwise.h"
#include "../../autograd/ops/layout.h"
#include "../../autograd/ops/linear_algebra.h"
#include "../../autograd/ops/logic.h"
#include "../../autograd/ops/reduction.h"
#include "../config.h"

namespace xg {

namespace {
std::string shapes_of(const Tensors& xs) {
    std::string text;
    for (const Tensor& x : xs)
        text += (text.empty() ? "" : &x == &xs.back() ? " and " : ", ") + fmt::format("{}", x.shape());
    return text;
}
/// All of the largest rank, as operators broadcast them: new axes follow the batch.
Tensors aligned(const Tensors& xs) {
    int rank = 1;
    for (const Tensor& x : xs) rank = std::max(rank, x.rank());
    Tensors out;
    Shape common;
    bool fits = true;
    for (const Tensor& x : xs) {
        Shape shape;
        for (int a = 0; a < x.rank(); ++a) {
            shape.push_back(x.shape()[a]);
            while (a == 0 && shape.rank() + x.rank() - 1 < rank) shape.push_back(1);
        }
        fits &= x.rank() > 0;
        if (!fits) break;
        if (out.empty()) common = shape;
        for (int a = 0; a < rank; ++a) {
            if (a > 0 && common[a] == 1) common[a] = shape[a];
            fits &= shape[a] == common[a] || (a > 0 && shape[a] == 1);
        }
        out.push_back(x.rank() == rank ? x : reshape(x, shape));
    }
    require(fits, "expected inputs of one batch size that broadcast, got {}", shapes_of(xs));
    return out;
}
template <class F> Tensor fold(const Tensors& xs, const F& f) {
    Tensor y = xs[0];
    for (std::size_t i = 1; i < xs.size(); ++i) y = f(y, xs[i]);
    return y;
}
void require_two(const Tensors& xs) { require(xs.size() == 2, "expected 2 inputs, got {}", xs.size()); }
/// Undefined unless every input has a mask.
Tensor any_mask(const Tensors& xs) {
    Tensors masks;
    for (const Tensor& x : xs)
        if (x.mask().defined()) masks.push_back(x.mask());
    return masks.size() < xs.size() ? Tensor() : fold(masks, [](auto& a, auto& b) { return logical_or(a, b); });
}
}  // namespace

Tensor Merge::forward(const Tensors& xs) {
    Tensors in = aligned(xs);
    for (std::size_t i = 0; i < xs.size(); ++i)
        if (xs[i].mask().defined() && in[i].rank() == xs[i].rank()) in[i].set_mask(xs[i].mask());
    Tensor y = merge(in);
    if (const Tensor mask = any_mask(xs); mask.defined() && y.rank() > 2) y.set_mask(mask);
    return y;
}
Tensor Add::merge(const Tensors& xs) const {
    return fold(xs, [](auto& a, auto& b) { return a + b; });
}
Tensor Subtract::merge(const Tensors& xs) const {
    require_two(xs);
    return xs[0] - xs[1];
}
Tensor Multiply::merge(const Tensors& xs) const {
    Tensors factors;
    for (const Tensor& x : xs)
        factors.push_back(x.mask().defined() ? where(detail::beside(x.mask(), x), x, ones_like(x)) : x);
    const Tensor y = fold(factors, [](auto&a, auto&b) { return a * b; }), mask = any_mask(xs);
    return mask.defined() ? where(detail::beside(mask, y), y, zeros_like(y)) : y;
}
Tensor Divide::merge(const Tensors& xs) const {
    require_two(xs);
    return xs[0] / xs[1];
}
Tensor Average::merge(const Tensors& xs) const {
    return fold(xs, [](auto& a, auto& b) { return a + b; }) / double(xs.size());
}
Tensor Maximum::merge(const Tensors& xs) const {
    // Of equal entries the first has the gradient, as in Keras on TensorFlow.
    return fold(xs, [](auto& a, auto& b) { return where((a >= b) | isnan(a), a, b); });
}
Tensor Minimum::merge(const Tensors& xs) const {
    return fold(xs, [](auto& a, auto& b) { return where((a <= b) | isnan(a), a, b); });
}

template <class F> void fields(ConcatenateOptions& o, F&& field) { field("axis", o.axis); }
template <class F> void fields(DotOptions& o, F&& field) {
    field("axes", o.axes);
    field("normalize", o.normalize);
}

Tensor Concatenate::forward(const Tensors& xs) {
    const int rank = xs[0].rank(), axis = normalize_axis(options_.axis, rank, "Concatenate");
    bool fits = true, masked = false;
    for (const Tensor& x : xs) {
        masked |= x.mask().defined();
        fits &= x.rank() == rank;
        for (int a = 0; fits && a < rank; ++a) fits = a == axis || x.shape()[a] == xs[0].shape()[a];
    }
    require(fits, "expected inputs that differ along axis {} at most, got {}", axis, shapes_of(xs));
    Tensor y = concatenate(xs, axis);
    if (!masked || rank < 3 || axis == 0) return y;
    Tensors masks;
    for (const Tensor& x : xs)
        masks.push_back(x.mask().defined() ? x.mask() : full({x.shape()[0], x.shape()[1]}, true, boolean));
    y.set_mask(axis == 1 ? concatenate(masks, 1) : fold(masks, [](auto& a, auto& b) { return logical_or(a, b); }));
    return y;
}
void Concatenate::describe(Config& config) const { write(config, options_); }
Concatenate Concatenate::from_config(const Config& config) {
    return Concatenate(read<ConcatenateOptions>("Concatenate", config).axis);
}

Dot::Dot(DotOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.axes.size() == 1 || options_.axes.size() == 2,
                                   "Dot: expected one axis or one of each input, got {}", options_.axes.size());
}
Tensor Dot::forward(const Tensors& xs) {
    require_two(xs);
    int axes[2];
    Tensor in[2];
    for (int i = 0; i < 2; ++i) {
        require(xs[std::size_t(i)].rank() >= 2, "expected inputs (batch, ...), got {}", shapes_of(xs));
        const Tensor& x = xs[std::size_t(i)];
        axes[i] = normalize_axis(options_.axes[options_.axes.size() == 1 ? 0 : std::size_t(i)], x.rank(), "Dot");
        in[i] = !options_.normalize ? x : x / maximum(norm(x, axes[i], {.keepdims = true}), 1e-12);
    }
    require(axes[0] > 0 && axes[1] > 0 && xs[0].shape()[0] == xs[1].shape()[0] &&
                xs[0].shape()[axes[0]] == xs[1].shape()[axes[1]],
            "expected one batch size and one extent along the axes {} and {}, which are not 0, got {}", axes[0],
            axes[1], shapes_of(xs));
    // (batch, others of a, n) times (batch, n, others of b).
    Shape shape{xs[0].shape()[0]};
    std::int64_t others[2] = {1, 1};
    for (int i = 0; i < 2; ++i)
        for (int a = 1; a < in[i].rank(); ++a)
            if (a != axes[i]) shape.push_back(in[i].shape()[a]), others[i] *= in[i].shape()[a];
    if (shape.rank() == 1) shape.push_back(1);
    const std::int64_t n = xs[0].shape()[axes[0]], batch = xs[0].shape()[0];
    const Tensor a = reshape(moveaxis(in[0], axes[0], -1), {batch, others[0], n}),
                 b = reshape(moveaxis(in[1], axes[1], 1), {batch, n, others[1]});
    return reshape(matmul(a, b), shape);
}
void Dot::describe(Config& config) const { write(config, options_); }
Dot Dot::from_config(const Config& config) { return Dot(read<DotOptions>("Dot", config)); }

}  // namespace xg
