#include "affine.h"
#include "../logits.h"
#include "../../tensor/kernels/elementwise.h"
#include "../../tensor/kernels/gemm.h"
#include "../../tensor/kernels/reduce.h"
#include "../dual.h"
#include "../record.h"
#include "activation.h"
#include "arithmetic.h"
#include "elementwise.h"
#include "layout.h"
#include "linear_algebra.h"
#include "reduction.h"

namespace xg {

namespace {
/// f(value, rule) of the activation: value(v) and rule(dy, y), of vectors and of tensors.
template <class F> decltype(auto) with_activation(Epilogue after, const F& f) {
    const auto from_output = [](auto rule) { return [rule](auto dy, auto y) { return rule(dy, y, y); }; };
    if (after == Epilogue::relu) return f([](auto v) { return relu(v); }, from_output(rule::of_relu));
    if (after == Epilogue::sigmoid) return f([](auto v) { return sigmoid(v); }, from_output(rule::of_sigmoid));
    if (after == Epilogue::tanh) return f([](auto v) { return tanh(v); }, from_output(rule::of_tanh));
    return f([](auto v) { return v; }, [](auto dy, auto) { return dy; });
}
Tensor composed(const Tensor& x, const Tensor& kernel, const Tensor& bias, Epilogue after) {
    Tensor y = matmul(x, kernel);
    if (bias.defined()) y = y + bias;
    return with_activation(after, [&](const auto& value, const auto&) -> Tensor { return value(y); });
}
/// (rows, last): all axes but the last as one.
Tensor as_rows(const Tensor& x) {
    const auto last = x.shape().back();
    return x.rank() == 2 ? x : reshape(x, {last ? x.numel() / last : 0, last});
}
template <class T> bool whole_vectors(std::int64_t n) { return n % lanes<T> == 0; }

/// y = f(y + bias) in rows [first, last) of n.
template <class T, class F>
void finish_rows(T* y, const T* bias, std::int64_t first, std::int64_t last, std::int64_t n, const F& f) {
    using B = Batch<T>;
    const std::int64_t whole = n - n % lanes<T>;
    for (T *row = y + first * n, *end = y + last * n; row < end; row += n) {
        const auto at = [&](std::int64_t c) {
            return B(f(bias ? B::load(row + c) + B::load(bias + c) : B::load(row + c)));
        };
        for (std::int64_t c = 0; c < whole; c += lanes<T>) at(c).store(row + c);
        if (whole < n) at(whole).store_first(row + whole, n - whole);
    }
}
template <class T> Tensor forward(const Tensor& x, const Tensor& kernel, const Tensor& bias, Epilogue after) {
    const auto k = kernel.shape()[0], n = kernel.shape()[1], rows = k ? x.numel() / k : 0;
    Shape shape = x.shape();
    shape.back() = n;
    Tensor y = Tensor::empty(shape, x.dtype());
    const T* b = bias.defined() ? bias.raw<T>() : nullptr;
    with_activation(after, [&](const auto& value, const auto&) {
        const auto finish = [&](std::int64_t first, std::int64_t last) {
            finish_rows(y.raw<T>(), b, first, last, n, value);
        };
        const bool nothing = !b && after == Epilogue::identity;
        kernel::gemm(y.raw<T>(), x.raw<T>(), kernel.raw<T>(), rows, n, k, false, false,
                     nothing ? kernel::RowsDone() : kernel::RowsDone(finish));
    });
    return y;
}

class AffineNode final : public Node {
public:
    AffineNode(const Tensor& y, const Tensor& x, const Tensor& kernel, const Tensor& bias, Epilogue after_product)
        : Node("affine", y), after_product_(after_product), x_node_(share_node(x)), kernel_node_(share_node(kernel)) {
        if (bias.defined()) bias_node_ = share_node(bias);
        for (const auto* input : {&x_node_, &kernel_node_, &bias_node_}) after(input->get());
        if (kernel_node_) x_ = Saved(x);
        if (x_node_) kernel_ = Saved(kernel);
        if (after_product != Epilogue::identity) y_ = Saved(y.detach());
    }
    void pull(const Tensor& dy, Backward& run) override {
        if (run.create_graph || detail::is_batched(dy)) pull_composed(dy, run);
        else dispatch_float(dtype, op, [&]<class T> { pull_fused<T>(dy, run); });
    }
    Tensor push(const Forward& run) override {
        Tensor total;
        if (const Tensor dx = run.of(x_node_.get()); dx.defined())
            detail::add_tangent(total, matmul(dx, kernel_.get()));
        if (const Tensor dk = run.of(kernel_node_.get()); dk.defined())
            detail::add_tangent(total, matmul(x_.get(), dk));
        if (const Tensor db = run.of(bias_node_.get()); db.defined()) detail::add_tangent(total, db);
        if (!total.defined()) return total;
        return through_activation(total.shape() == shape ? total : broadcast_to(total, shape), modes.grad);
    }
    void inputs(std::vector<Node*>& list) const override {
        for (const auto* input : {&x_node_, &kernel_node_, &bias_node_}) list.push_back(input->get());
    }
    void kept(std::vector<Tensor>& list) const override {
        for (const Saved* s : {&x_, &kernel_, &y_}) detail::list_kept(*s, list);
    }
    void release() override {
        x_node_ = kernel_node_ = bias_node_ = {};
        x_ = kernel_ = y_ = {};
    }

private:
    /// What the activation's rule makes of a gradient of the output, or of a tangent of what went in.
    Tensor through_activation(const Tensor& d, bool recorded) {
        if (after_product_ == Epilogue::identity) return d;
        const Tensor y = rejoin(y_, this, recorded);
        return with_activation(after_product_, [&](const auto&, const auto& rule) -> Tensor { return rule(d, y); });
    }
    void pull_composed(const Tensor& dy, Backward& run) {
        const Tensor d = through_activation(dy, run.create_graph);
        if (run.wants(x_node_.get())) run.send(x_node_.get(), matmul(d, kernel_.get(), {.transpose_b = true}));
        if (run.wants(kernel_node_.get()))
            run.send(kernel_node_.get(), matmul(as_rows(x_.get()), as_rows(d), {.transpose_a = true}));
        if (run.wants(bias_node_.get())) run.send(bias_node_.get(), d);
    }
    template <class T> void pull_fused(const Tensor& dy, Backward& run) {
        const auto n = dy.shape().back(), rows = n ? dy.numel() / n : 0;
        Tensor db = run.wants(bias_node_.get()) ? Tensor::empty({n}, dtype) : Tensor(), d = dy;
        if (after_product_ != Epilogue::identity) {
            d = run.may_overwrite(dy) && (!db.defined() || whole_vectors<T>(n)) ? dy : Tensor::empty(shape, dtype);
            with_activation(after_product_, [&](const auto&, const auto& rule) {
                const auto both = [&](auto, Batch<T> g, Batch<T> y) { return Batch<T>(rule(g, y)); };
                using Kind = kernel::Kind;
                const kernel::Source<T> from{dy.raw<T>(), Kind::full}, y{y_.get().template raw<T>(), Kind::full};
                const kernel::Sink<T> to{d.raw<T>(), Kind::full};
                if (db.defined())
                    kernel::backward<T, decltype(both), 2, 2>(both, {rows, n}, {from, y},
                                                              {to, {db.raw<T>(), Kind::row}});
                else kernel::backward<T, decltype(both), 2, 1>(both, {1, rows * n}, {from, y}, {to});
            });
        } else if (db.defined()) {
            db = kernel::sum(dy.window({rows, n}, 0), 1).window({n}, 0);
        }
        if (db.defined()) run.send(bias_node_.get(), std::move(db));
        if (run.wants(kernel_node_.get())) {
            const Tensor& x = x_.get();
            const auto k = x.shape().back();
            Tensor dk = Tensor::empty({k, n}, dtype);
            kernel::gemm(dk.raw<T>(), x.raw<T>(), d.raw<T>(), k, n, rows, true, false);
            run.send(kernel_node_.get(), std::move(dk));
        }
        if (run.wants(x_node_.get())) {
            Tensor dx = Tensor::empty(x_node_->shape, dtype);
            kernel::gemm(dx.raw<T>(), d.raw<T>(), kernel_.get().template raw<T>(), rows, dx.shape().back(), n, false,
                         true);
            run.send(x_node_.get(), std::move(dx));
        }
    }

    Epilogue after_product_;
    Ref<Node> x_node_, kernel_node_, bias_node_;
    Saved x_, kernel_, y_;
};
}  // namespace

Tensor affine(const Tensor& x, const Tensor& kernel, const Tensor& bias, Epilogue after) {
    require(x.rank() > 0 && kernel.rank() == 2 && x.shape().back() == kernel.shape()[0],
            "affine: expected x (..., features) and kernel (features, units), got {} and {}", x.shape(),
            kernel.shape());
    require(!bias.defined() || bias.shape() == Shape{kernel.shape()[1]}, "affine: expected bias ({},), got {}",
            kernel.shape()[1], bias.defined() ? bias.shape() : Shape());
    const DType dtype = x.dtype();
    const bool one_dtype = is_float(dtype) && kernel.dtype() == dtype && (!bias.defined() || bias.dtype() == dtype);
    const bool batched =
        detail::is_batched(x) || detail::is_batched(kernel) || (bias.defined() && detail::is_batched(bias));
    // Under Anomaly the parts are named.
    if (!one_dtype || batched || modes.anomaly) return composed(x, kernel, bias, after);
    Tensor y = dispatch_float(dtype, "affine", [&]<class T> { return forward<T>(x, kernel, bias, after); });
    if (modes.grad && (x.requires_grad() || kernel.requires_grad() || (bias.defined() && bias.requires_grad()))) {
        auto node = Ref<Node>::adopt(new AffineNode(y, x, kernel, bias, after));
        y.impl()->node = std::move(node);
    }
    if (after == Epilogue::sigmoid) note_affine_logits(x, kernel, bias, y);
    return y;
}

}  // namespace xg
