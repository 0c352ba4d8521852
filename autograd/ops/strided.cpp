#include "strided.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/copy.h"
#include "../record.h"

namespace xg::detail {

namespace {
/// The box of every example, where each takes `size` elements.
Region of_examples(std::int64_t n, std::int64_t size, const Region& one) {
    Region box;
    box.offset = one.offset;
    box.axis(n, size);
    for (int a = 0; a < one.shape.rank(); ++a) box.axis(one.shape[a], one.strides[a]);
    return box;
}
Tensor values(const Tensor& x, const Region& box) {
    return box.window ? x.window(box.shape, box.offset) : kernel::gather_strided(x, box.shape, box.strides, box.offset);
}
/// Adds what arrives into the box of the input's growing gradient: many reads of one tensor, such as the steps of a
/// sequence, cost what they read and not what there is.
class ReadNode final : public Node {
public:
    ReadNode(const char* name, const Tensor& y, const Tensor& x, const Region& box)
        : Node(name, y), box_(box), input_(share_node(x)) {
        after(input_.get());
    }
    void pull(const Tensor& dy, Backward& run) override {
        if (!run.wants(input_.get())) return;
        Tensor* const sum = is_batched(dy) ? nullptr : run.growing(input_.get());
        if (!sum) return run.send(input_.get(), place(op, dy, input_->shape, box_));
        const Tensor part = values(*sum, box_);
        dispatch_float(part.dtype(), op, [&]<class T> {  // element by element: neighbours in the tensor are not ours
            for (std::int64_t i = 0; i < part.numel(); ++i) part.raw<T>()[i] += dy.raw<T>()[i];
        });
        if (!box_.window) kernel::scatter_strided(*sum, part, box_.shape, box_.strides, box_.offset);
    }
    Tensor push(const Forward& run) override {
        const Tensor dx = run.of(input_.get());
        return dx.defined() ? read(op, dx, box_) : dx;
    }
    void inputs(std::vector<Node*>& list) const override { list.push_back(input_.get()); }
    void kept(std::vector<Tensor>&) const override {}
    void release() override { input_ = {}; }

private:
    Region box_;
    Ref<Node> input_;
};
}  // namespace

Tensor read(const char* op, const Tensor& x, const Region& box) {
    if (is_batched(x))
        return batched(x,
                       [&](const Tensor& all) { return read(op, all, of_examples(all.shape()[0], x.numel(), box)); });
    Tensor y = values(x, box);
    if (!modes.grad || !x.requires_grad()) return y;
    return attach(y, Ref<Node>::adopt(new ReadNode(op, y, x, box)));
}
Tensor place(const char* op, const Tensor& y, const Shape& shape, const Region& box) {
    if (is_batched(y))
        return batched(y, [&](const Tensor& all) {
            const auto n = all.shape()[0];
            return place(op, all, behind(n, shape), of_examples(n, shape.numel(), box));
        });
    Tensor x = zeros(shape, y.dtype());
    kernel::scatter_strided(x, y, box.shape, box.strides, box.offset);
    return record(op, std::move(x), wrt(y, [op, box](const Tensor& dx) { return read(op, dx, box); }));
}

}  // namespace xg::detail
