#include "record.h"
#include "../tensor/create.h"
#include "ops/arithmetic.h"
#include "ops/reduction.h"

namespace xg {

Tensor detail::transposed(const Node& node, const std::function<Tensor(const Tensor&)>& rule, const Tensor& dx) {
    const bool recorded = modes.grad;
    const GradMode recording(true);
    const Tensor dy = zeros(node.shape, node.dtype).require_grad();
    const Tensor pulled = rule(dy);
    Tensor tangent;
    if (pulled.requires_grad())
        tangent = pull_back(pulled.shape() == dx.shape() ? pulled : sum_to(pulled, dx.shape()), dx, dy,
                            {.create_graph = recorded, .unused = Unused::undefined});
    require<std::logic_error>(tangent.defined(),
                              "jvp of {}: expected a rule written in operations on dy, got one whose result does not "
                              "depend on it",
                              node.op);
    return tangent;
}
void detail::add_tangent(Tensor& total, Tensor more) { total = total.defined() ? total + more : std::move(more); }

namespace {
/// What has several outputs; each of them is a Part.
class Whole final : public Node {
public:
    Whole(const char* name, const Tensors& values, const Tensors& inputs, std::function<Tensors(const Tensors&)> rule)
        : Node(name, values[0]), rule_(std::move(rule)), arrived_(values.size()) {
        for (const Tensor& y : values) shapes_.push_back(y.shape()), dtypes_.push_back(y.dtype());
        for (const Tensor& x : inputs) {
            inputs_.push_back(share_node(x));
            after(inputs_.back().get());
        }
    }
    void arrive(std::size_t part, const Tensor& dy, Backward& run) {
        if (!grad.defined()) run.queue(this);
        grad = dy;  // marks this as queued
        run.add(arrived_[part], dy);
    }
    void pull(const Tensor&, Backward& run) override {
        Tensors dx = gradients(std::exchange(arrived_, Tensors(arrived_.size())));
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (run.wants(inputs_[i].get()) && dx[i].defined()) run.send(inputs_[i].get(), std::move(dx[i]));
    }
    /// What the inputs' tangents do to one output.
    Tensor push_part(std::size_t part, const Forward& run, const Node& output) {
        Tensor total;
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            const Tensor dx = run.of(inputs_[i].get());
            if (!dx.defined()) continue;
            const auto rule = [&](const Tensor& dy) {
                Tensors arrived(arrived_.size());
                arrived[part] = dy;
                const Tensor pulled = gradients(std::move(arrived))[i];
                return pulled.defined() ? pulled : sum(dy * 0) * zeros(dx.shape(), dx.dtype());
            };
            detail::add_tangent(total, detail::transposed(output, rule, dx));
        }
        return total;
    }
    Tensor push(const Forward& run) override {  // marks the parts as moving
        for (auto& input : inputs_)
            if (Tensor dx = run.of(input.get()); dx.defined()) return dx;
        return Tensor();
    }
    void inputs(std::vector<Node*>& list) const override {
        for (auto& input : inputs_) list.push_back(input.get());
    }
    void kept(std::vector<Tensor>& list) const override { detail::list_kept(rule_, list); }
    void release() override {
        rule_ = nullptr;
        inputs_.clear();
    }
    void forget() override {
        grad = Tensor();
        arrived_.assign(arrived_.size(), Tensor());
    }

private:
    Tensors gradients(Tensors dy) const {
        for (std::size_t k = 0; k < dy.size(); ++k)
            if (!dy[k].defined()) dy[k] = zeros(shapes_[k], dtypes_[k]);
        Tensors dx = rule_(dy);
        require(dx.size() == inputs_.size(), "backward of {}: expected {} gradients from the rule, got {}", op,
                inputs_.size(), dx.size());
        return dx;
    }

    std::function<Tensors(const Tensors&)> rule_;
    std::vector<Ref<Node>> inputs_;
    std::vector<Shape> shapes_;
    std::vector<DType> dtypes_;
    Tensors arrived_;
};
class Part final : public Node {
public:
    Part(const Tensor& y, Ref<Whole> whole, std::size_t index)
        : Node(whole->op, y), whole_(std::move(whole)), index_(index) {
        after(whole_.get());
    }
    void pull(const Tensor& dy, Backward& run) override {
        if (run.wants(whole_.get())) whole_->arrive(index_, dy, run);
    }
    Tensor push(const Forward& run) override { return whole_->push_part(index_, run, *this); }
    void inputs(std::vector<Node*>& list) const override { list.push_back(whole_.get()); }
    void kept(std::vector<Tensor>&) const override {}
    void release() override { whole_ = {}; }

private:
    Ref<Whole> whole_;
    std::size_t index_;
};
}  // namespace

Tensors record(const char* op, const std::function<Tensors()>& values, const Tensors& inputs,
               std::function<Tensors(const Tensors& dy)> rule) {
    Tensors ys;
    {
        NoGrad unrecorded;
        ys = values();
    }
    bool wanted = false;
    for (const Tensor& x : inputs) wanted |= x.requires_grad();
    if (!modes.grad || !wanted || ys.empty()) return ys;
    for (const Tensor& t : inputs)
        if (detail::is_batched(t)) detail::no_batch_rule(op);
    for (const Tensor& t : ys)
        if (detail::is_batched(t)) detail::no_batch_rule(op);
    const auto whole = Ref<Whole>::adopt(new Whole(op, ys, inputs, std::move(rule)));
    for (std::size_t k = 0; k < ys.size(); ++k) {
        // A view of its own: the value may be an input, or given twice.
        ys[k] = ys[k].detach();
        if (is_float(ys[k].dtype())) ys[k].impl()->node = Ref<Node>::adopt(new Part(ys[k], whole, k));
    }
    return ys;
}

}  // namespace xg
