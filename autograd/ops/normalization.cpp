#include "normalization.h"
#include <algorithm>
#include "../../tensor/kernels/normalize.h"
#include "../map.h"
#include "../record.h"
#include "../rule.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "reduction.h"

namespace xg {

namespace {
template <class T> T* address(const Tensor& x) { return x.defined() ? x.raw<T>() : nullptr; }
Tensor like(const Tensor& x) { return x.defined() ? Tensor::empty(x.shape(), x.dtype()) : Tensor(); }

/// What may be undefined, kept for the backward pass, and which place it has among the recorded inputs.
struct Affine {
    Saved gamma, beta;
    static Tensors inputs(const Tensor& x, const Tensor& gamma, const Tensor& beta) {
        Tensors all{x};
        if (gamma.defined()) all.push_back(gamma);
        if (beta.defined()) all.push_back(beta);
        return all;
    }
    Affine(const Tensor& g, const Tensor& b) {
        if (g.defined()) gamma = Saved(g);
        if (b.defined()) beta = Saved(b);
    }
    Tensor scale() const { return gamma ? gamma.get() : Tensor(); }
    Tensors with(const Tensor& x) const { return inputs(x, scale(), beta ? beta.get() : Tensor()); }
    /// f(x, gamma, beta) of a list as inputs() makes it.
    template <class F> Tensor apply(const F& f, const Tensors& in) const {
        return f(in[0], gamma ? in[1] : Tensor(), beta ? in.back() : Tensor());
    }
};
Tensor scaled(Tensor y, const Tensor& gamma, const Tensor& beta) {
    if (gamma.defined()) y = y * gamma;
    return beta.defined() ? y + beta : y;
}

/// Rows of norm.n elements, in operations.
Tensor composed_rows(const Tensor& input, const Tensor& gamma, const Tensor& beta, const kernel::RowNorm& norm) {
    const auto row = [&](const Tensor& p) { return p.defined() ? reshape(p, {norm.n}) : p; };
    const Tensor x = reshape(input, {norm.rows, norm.n}), d = norm.center ? x - mean(x, -1, {.keepdims = true}) : x,
                 y = d * rsqrt(mean(square(d), -1, {.keepdims = true}) + norm.epsilon);
    return reshape(scaled(y, row(gamma), row(beta)), input.shape());
}
/// One step of the graph, whose backward pass adds into the gradient of x where that has begun to grow: beside a
/// residual connection.
class RowsNode final : public Node {
public:
    RowsNode(const char* name, const Tensor& y, const Tensor& x, const Affine& affine, Tensor statistics,
             const kernel::RowNorm& norm)
        : Node(name, y), x_(x), affine_(affine), statistics_(std::move(statistics)), norm_(norm) {
        for (const Tensor& input : affine.with(x)) {
            inputs_.push_back(share_node(input));
            after(inputs_.back().get());
        }
    }
    void pull(const Tensor& dy, Backward& run) override {
        if (run.create_graph || detail::is_batched(dy)) {
            Tensors dx = composed(dy);
            for (std::size_t i = 0; i < dx.size(); ++i)
                if (run.wants(inputs_[i].get())) run.send(inputs_[i].get(), std::move(dx[i]));
            return;
        }
        Node* const to = run.wants(inputs_[0].get()) ? inputs_[0].get() : nullptr;
        Tensor* const growing = to && !to->is_leaf() && to->grad.defined() ? run.growing(to) : nullptr;
        const Tensor dx = growing ? *growing : Tensor::empty(shape, dtype), dgamma = like(affine_.scale()),
                     dbeta = affine_.beta ? like(affine_.beta.get()) : Tensor();
        kernel::RowNorm norm = norm_;
        norm.add = growing;
        dispatch_float(dtype, op, [&]<class T> {
            kernel::normalize_rows_backward(dx.raw<T>(), address<T>(dgamma), address<T>(dbeta), dy.raw<T>(),
                                            x_.get().raw<T>(), statistics_.raw<T>(), address<T>(affine_.scale()), norm);
        });
        if (to && !growing) run.send(to, dx);
        std::size_t next = 1;
        for (const Tensor* d : {&dgamma, &dbeta})
            if (d->defined() && run.wants(inputs_[next++].get())) run.send(inputs_[next - 1].get(), *d);
    }
    Tensor push(const Forward& run) override {
        Tensor total;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (const Tensor dx = run.of(inputs_[i].get()); dx.defined())
                detail::add_tangent(total, detail::transposed(
                                               *this, [&](const Tensor& dy) { return composed(dy)[i]; }, dx));
        return total;
    }
    void inputs(std::vector<Node*>& list) const override {
        for (auto& input : inputs_) list.push_back(input.get());
    }
    void kept(std::vector<Tensor>& list) const override {
        for (const Saved* s : {&x_, &affine_.gamma, &affine_.beta}) detail::list_kept(*s, list);
        list.push_back(statistics_);
    }
    void release() override {
        inputs_.clear();
        x_ = affine_.gamma = affine_.beta = {};
        statistics_ = {};
    }

private:
    Tensors composed(const Tensor& dy) const {
        const auto f = [&](const Tensors& in) {
            return affine_.apply([&](const Tensor& x, const Tensor& gamma,
                                     const Tensor& beta) { return composed_rows(x, gamma, beta, norm_); },
                                 in);
        };
        return detail::pull_through(f, affine_.with(x_), dy);
    }

    std::vector<Ref<Node>> inputs_;
    Saved x_;
    Affine affine_;
    Tensor statistics_;
    kernel::RowNorm norm_;
};
/// x of rows of n elements, gamma and beta of n.
Tensor rows_normalized(const char* op, const Tensor& x, const Tensor& gamma, const Tensor& beta,
                       const kernel::RowNorm& norm) {
    const Affine affine(gamma, beta);
    const Tensors inputs = affine.with(x);
    if (std::ranges::any_of(inputs, detail::is_batched)) return composed_rows(x, gamma, beta, norm);
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    const Tensor statistics = Tensor::empty({norm.rows, 2}, x.dtype());
    dispatch_float(x.dtype(), op, [&]<class T> {
        kernel::normalize_rows(y.raw<T>(), statistics.raw<T>(), x.raw<T>(), address<T>(gamma), address<T>(beta), norm);
    });
    if (modes.anomaly) detail::expect_finite(op, y, {&x});
    const bool wanted = std::ranges::any_of(inputs, [](const Tensor& input) { return input.requires_grad(); });
    if (!modes.grad || !wanted) return y;
    return detail::attach(y, Ref<Node>::adopt(new RowsNode(op, y, x, affine, statistics, norm)));
}

struct Along {
    int order[max_rank], back[max_rank];
    bool moved = false;
    Shape kept;  // the extents of the axes
    std::int64_t rows = 1, n = 1;

    /// The axes in the mask last, in their order.
    Along(const Shape& x, unsigned mask) {
        int next = 0;
        for (const bool inside : {false, true})
            for (int a = 0; a < x.rank(); ++a)
                if (bool(mask >> a & 1) == inside) {
                    moved |= a != next;
                    back[a] = next, order[next++] = a;
                    if (inside) kept.push_back(x[a]);
                    (inside ? n : rows) *= x[a];
                }
    }
    Tensor last(const Tensor& x) const { return moved ? detail::permute(x, order) : x; }
    Tensor restored(const Tensor& y) const { return moved ? detail::permute(y, back) : y; }
};
void check(const char* op, const char* name, const Tensor& p, const Shape& shape, const Tensor& x) {
    if (!p.defined()) return;
    require(p.shape() == shape, "{}: expected {} of shape {}, got {} for x {}", op, name, shape, p.shape(), x.shape());
    require(p.dtype() == x.dtype(), "{}: expected {} of x's dtype {}, got {}", op, name, name_of(x.dtype()),
            name_of(p.dtype()));
}
void check_epsilon(const char* op, double epsilon) {
    require<std::invalid_argument>(epsilon >= 0, "{}: expected epsilon >= 0, got {}", op, epsilon);
}
Tensor along_axes(const char* op, const Tensor& input, const Tensor& gamma, const Tensor& beta, Axes axes,
                  double epsilon, bool center) {
    const Tensor x = detail::as_float(input);
    check_epsilon(op, epsilon);
    const Along along(x.shape(), axes.mask(x.rank(), op));
    require(along.n > 0, "{}: expected at least one element along the axes, got shape {}", op, x.shape());
    check(op, center ? "gamma" : "scale", gamma, along.kept, x);
    check(op, "beta", beta, along.kept, x);
    return along.restored(rows_normalized(op, along.last(x), gamma, beta, {along.rows, along.n, epsilon, center}));
}
}  // namespace

Tensor layer_norm(const Tensor& x, const Tensor& gamma, const Tensor& beta, LayerNormOptions options) {
    return along_axes("layer_norm", x, gamma, beta, options.axes, options.epsilon, true);
}
Tensor rms_norm(const Tensor& x, const Tensor& scale, RmsNormOptions options) {
    return along_axes("rms_norm", x, scale, {}, options.axes, options.epsilon, false);
}

Tensor group_norm(const Tensor& input, const Tensor& gamma, const Tensor& beta, GroupNormOptions options) {
    const Tensor x = detail::as_float(input);
    check_epsilon("group_norm", options.epsilon);
    require(x.rank() >= 2, "group_norm: expected x (batch, ..., channels), got {}", x.shape());
    const int axis = normalize_axis(options.axis, x.rank(), "group_norm");
    require<std::invalid_argument>(axis > 0, "group_norm: expected a channel axis other than the batch's, got {}",
                                   options.axis);
    const auto channels = x.shape()[axis], groups = options.groups;
    require(groups > 0 && channels % groups == 0, "group_norm: expected channels in {} equal groups, got {}", groups,
            channels);
    check("group_norm", "gamma", gamma, {channels}, x);
    check("group_norm", "beta", beta, {channels}, x);
    // (batch, channels, positions): a group is a run of neighbours.
    const Tensor moved = moveaxis(x, axis, 1);
    const auto batch = x.shape()[0], size = batch ? x.numel() / batch / groups : 0;
    require(size > 0 || batch == 0, "group_norm: expected at least one element a group, got x {}", x.shape());
    const Tensor y =
        batch ? rows_normalized("group_norm", moved, {}, {}, {batch * groups, size, options.epsilon, true}) : moved;
    Shape channel_shape;
    for (int a = axis; a < x.rank(); ++a) channel_shape.push_back(a == axis ? channels : 1);
    const auto spread = [&](const Tensor& p) { return p.defined() ? reshape(p, channel_shape) : p; };
    return scaled(moveaxis(y, 1, axis), spread(gamma), spread(beta));
}

namespace {
/// Over the first axis of x (rows, channels); `weights` (rows, 1 or channels) say what counts.
struct ColumnMoments {
    Tensor mean, variance;
};
ColumnMoments column_moments(const Tensor& x, const Tensor& weights) {
    if (!weights.defined()) {
        const Tensor m = mean(x, 0);
        return {m, mean(square(x - m), 0)};
    }
    // Keras divides by the count plus its general epsilon.
    const Tensor count = sum(weights, 0) + 1e-7, m = sum(x * weights, 0) / count;
    return {m, sum(square(x - m) * weights, 0) / count};
}
Tensor composed_columns(const Tensor& x, const Tensor& gamma, const Tensor& beta, const ColumnMoments& of,
                        double epsilon) {
    return scaled((x - of.mean) * rsqrt(of.variance + epsilon), gamma, beta);
}
Tensor multiply_add(const Tensor& x, const Tensor& a, const Tensor& b) {
    return map(
        "batch_norm", [](auto v, auto times, auto plus) { return v * times + plus; }, x, a, b);
}
BatchNormalized columns_normalized(const Tensor& x, const Tensor& gamma, const Tensor& beta, double epsilon) {
    const Affine affine(gamma, beta);
    const auto rows = x.shape()[0], n = x.shape()[1];
    const Tensor m = Tensor::empty({n}, x.dtype()), v = Tensor::empty({n}, x.dtype());
    dispatch_float(x.dtype(), "batch_norm",
                   [&]<class T> { kernel::column_moments(m.raw<T>(), v.raw<T>(), x.raw<T>(), rows, n); });
    Tensor y, inverse, scale;
    {
        NoGrad unrecorded;
        inverse = rsqrt(v + epsilon);
        scale = gamma.defined() ? inverse * gamma : inverse;
        y = multiply_add(x, scale, beta.defined() ? beta - m * scale : -(m * scale));
    }
    const auto compose = [=](const Tensor& in, const Tensor& g, const Tensor& b) {
        return composed_columns(in, g, b, column_moments(in, {}), epsilon);
    };
    return {record(
                "batch_norm", [&] { return Tensors{y}; }, affine.with(x),
                [=, x = Saved(x)](const Tensors& dys) -> Tensors {
                    const Tensor& dy = dys[0];
                    if (modes.grad || detail::is_batched(dy))
                        return detail::pull_through([&](const Tensors& in) { return affine.apply(compose, in); },
                                                    affine.with(x), dy);
                    const Tensor total = like(m), product = like(m);
                    dispatch_float(dy.dtype(), "batch_norm", [&]<class T> {
                        kernel::column_products(total.raw<T>(), product.raw<T>(), dy.raw<T>(), x.get().raw<T>(),
                                                m.raw<T>(), rows, n);
                    });
                    // dx = scale (dy - mean(dy) - (x - m) mean(dy (x - m)) / (variance + epsilon)): one row each.
                    const Tensor slope = product * square(inverse) / double(-rows);
                    const Tensor dx =
                        multiply_add(multiply_add(x, slope, dy), scale, (m * slope + total / double(rows)) * -scale);
                    return Affine::inputs(dx, affine.gamma ? product * inverse : Tensor(),
                                          affine.beta ? total : Tensor());
                })[0],
            m, v};
}
}  // namespace

BatchNormalized batch_norm(const Tensor& input, const Tensor& gamma, const Tensor& beta, BatchNormOptions options) {
    Tensor x = detail::as_float(input);
    check_epsilon("batch_norm", options.epsilon);
    const int axis = normalize_axis(options.axis, x.rank(), "batch_norm");
    const auto channels = x.shape()[axis];
    require(x.numel() > 0, "batch_norm: expected at least one element a channel, got shape {}", x.shape());
    check("batch_norm", "gamma", gamma, {channels}, x);
    check("batch_norm", "beta", beta, {channels}, x);
    Tensor weights;
    if (const Tensor& mask = options.mask; mask.defined()) {
        bool leads = mask.rank() <= x.rank();
        for (int a = 0; leads && a < mask.rank(); ++a) leads = mask.shape()[a] == x.shape()[a];
        require(leads, "batch_norm: expected a mask of x's leading axes, got {} for x {}", mask.shape(), x.shape());
        Shape shape = mask.shape();
        for (int a = mask.rank(); a < x.rank(); ++a) shape.push_back(1);
        Shape whole = x.shape();
        if (axis >= mask.rank()) whole[axis] = 1;  // one for all channels
        weights =
            reshape(moveaxis(broadcast_to(reshape(mask.to(x.dtype()), shape), whole), axis, -1), {-1, whole[axis]});
    }
    const Tensor moved = axis == x.rank() - 1 ? x : moveaxis(x, axis, -1);
    x = reshape(moved, {x.numel() / channels, channels});
    const auto restored = [&](const Tensor& y) {
        const Tensor whole = reshape(y, moved.shape());
        return axis == moved.rank() - 1 ? whole : moveaxis(whole, -1, axis);
    };
    const auto batched = [](const Tensor& t) { return t.defined() && detail::is_batched(t); };
    if (weights.defined() || batched(x) || batched(gamma) || batched(beta)) {
        const ColumnMoments of = column_moments(x, weights);
        return {restored(composed_columns(x, gamma, beta, of, options.epsilon)), of.mean.detach(),
                of.variance.detach()};
    }
    BatchNormalized result = columns_normalized(x, gamma, beta, options.epsilon);
    result.y = restored(result.y);
    return result;
}

}  // namespace xg
