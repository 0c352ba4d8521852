#include "staged_convolution.h"
#include "../anomaly.h"
#include "../record.h"
#include "arithmetic.h"
#include "bilinear_convolution.h"
#include "layout.h"
#include "logic.h"
#include "max_positions.h"

namespace xg::detail {

namespace {
class StageNode final : public Node {
public:
    StageNode(const Tensor& y, const Tensor& from, const Tensor& x, const Tensor& kernel, const Tensor& bias,
              const kernel::Convolution& sizes, kernel::Epilogue then)
        : Node("conv", y),
          sizes_(sizes),
          then_(then),
          inputs_{share_node(x), share_node(kernel), share_node(bias)},
          from_(from) {
        for (const auto& input : inputs_) after(input.get());
        if (inputs_[1]) x_ = Saved(x);
        if (inputs_[0]) kernel_ = Saved(kernel);
        if (then.relu) y_ = Saved(y.detach());
    }
    void pull(const Tensor& dy, Backward& run) override {
        if (run.create_graph || is_batched(dy)) return pull_recorded(dy, run);
        dispatch_float(dtype, op, [&]<class T> {
            Tensor gradients[3];
            T* to[3] = {};
            for (int i = 0; i < 3; ++i)
                if (run.wants(inputs_[i].get())) {
                    gradients[i] = Tensor::empty(inputs_[i]->shape, dtype);
                    to[i] = gradients[i].raw<T>();
                }
            kernel::convolve_back<T>({to[0], to[1], to[2]}, dy.raw<T>(), y_ ? y_.get().raw<T>() : nullptr,
                                     from_.defined() ? from_.raw<std::uint8_t>() : nullptr,
                                     x_ ? x_.get().raw<T>() : nullptr, kernel_ ? kernel_.get().raw<T>() : nullptr,
                                     sizes_, then_);
            for (int i = 0; i < 3; ++i)
                if (to[i]) run.send(inputs_[i].get(), std::move(gradients[i]));
        });
    }
    Tensor push(const Forward& run) override {
        Tensor total;
        if (const Tensor dx = run.of(inputs_[0].get()); dx.defined())
            add_tangent(total, conv_forward(dx, kernel_.get(), sizes_));
        if (const Tensor dk = run.of(inputs_[1].get()); dk.defined())
            add_tangent(total, conv_forward(x_.get(), dk, sizes_));
        if (const Tensor db = run.of(inputs_[2].get()); db.defined()) {
            Shape sums{sizes_.batch, sizes_.axes[1].out, sizes_.axes[2].out, sizes_.out_channels};
            add_tangent(total, broadcast_to(db, then_.pool ? sums : shape));
        }
        if (!total.defined()) return total;
        if (then_.pool) total = picked(total, from_, pooling());
        return then_.relu ? total * positive() : total;
    }
    void inputs(std::vector<Node*>& list) const override {
        for (const auto& input : inputs_) list.push_back(input.get());
    }
    void kept(std::vector<Tensor>& list) const override {
        for (const Saved* s : {&x_, &kernel_, &y_}) list_kept(*s, list);
        if (from_.defined()) list.push_back(from_);
    }
    void release() override {
        for (auto& input : inputs_) input = {};
        x_ = kernel_ = y_ = {};
        from_ = {};
    }

private:
    void pull_recorded(const Tensor& dy, Backward& run) {
        Tensor sums = then_.relu ? dy * positive() : dy;
        if (then_.pool) sums = unpicked(sums, from_, pooling());
        if (run.wants(inputs_[0].get())) run.send(inputs_[0].get(), conv_input(sums, kernel_.get(), sizes_));
        if (run.wants(inputs_[1].get())) run.send(inputs_[1].get(), conv_kernel(x_.get(), sums, sizes_));
        if (run.wants(inputs_[2].get())) run.send(inputs_[2].get(), sums);
    }
    Tensor positive() const { return (y_.get() > 0).to(dtype); }
    kernel::Pooling pooling() const { return kernel::Pooling::halving(sizes_); }

    kernel::Convolution sizes_;
    kernel::Epilogue then_;
    std::array<Ref<Node>, 3> inputs_;  // x, kernel, bias
    Saved x_, kernel_, y_;
    Tensor from_;
};
}  // namespace

Tensor staged_convolution(const Tensor& x, const Tensor& kernel, const Tensor& bias, const kernel::Convolution& sizes,
                          kernel::Epilogue then) {
    kernel::Convolution c = sizes;
    c.batch = x.shape()[0];
    Shape shape{c.batch};
    for (int a = 3 - c.rank; a < 3; ++a) shape.push_back(then.pool ? c.axes[a].out / 2 : c.axes[a].out);
    shape.push_back(c.out_channels);
    Tensor y = Tensor::empty(shape, x.dtype()), from;
    if (then.pool) from = Tensor::empty(shape, u8);
    dispatch_float(x.dtype(), "conv", [&]<class T> {
        kernel::convolve(y.raw<T>(), then.pool ? from.raw<std::uint8_t>() : nullptr, x.raw<T>(), kernel.raw<T>(),
                         bias.raw<T>(), c, then);
    });
    if (modes.anomaly) [[unlikely]]
        expect_finite("conv", y, {&x, &kernel, &bias});
    if (modes.grad && (x.requires_grad() || kernel.requires_grad() || bias.requires_grad()))
        y.impl()->node = Ref<Node>::adopt(new StageNode(y, from, x, kernel, bias, c, then));
    return y;
}

}  // namespace xg::detail
