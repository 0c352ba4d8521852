#include <algorithm>
#include "node.h"
#include "../tensor/create.h"
#include "ops/arithmetic.h"
#include "ops/reduction.h"

namespace xg {

namespace {
constinit thread_local std::uint64_t newest_id = 0;

struct Leaf : Node {
    using Node::Node;
    void pull(const Tensor&, Backward&) override {}
    void release() override {}
    bool is_leaf() const override { return true; }
};

bool older(const Ref<Node>& a, const Ref<Node>& b) { return a->id < b->id; }

constinit thread_local Node* dead = nullptr;
constinit thread_local bool burying = false;
}  // namespace

constinit thread_local const char* detail::running_op = "";

Node::Node(const char* name, const Tensor& output)
    : dtype(output.dtype()), op(name), id(++newest_id), shape(output.shape()) {
    pool::lists.nodes.add(1);
}
void Node::catch_up(std::uint64_t input_id) { id = newest_id = input_id + 1; }

/// Deleting a node may drop the last reference to others: those queue up here instead of recursing.
void destroy(GraphNode* last) {
    auto* node = static_cast<Node*>(last);
    node->next_dead = dead;
    dead = node;
    if (burying) return;
    burying = true;
    while (dead) {
        Node* next = dead;
        dead = next->next_dead;
        delete next;
    }
    burying = false;
}

void detail::changed_in_place(const Tensor& saved) {
    fail<std::logic_error>(
        "backward of {}: expected its saved value of shape {} unchanged, got it changed in place by {}", running_op,
        saved.shape(), saved.impl()->storage->changed_by);
}

void Backward::add(Tensor& sum, Tensor dx) const {
    if (!sum.defined()) {
        sum = std::move(dx);
        return;
    }
    const bool ours =
        !create_graph && !sum.requires_grad() && sum.impl()->refs.unique() && sum.impl()->storage->refs.unique();
    if (ours) add_in_place(sum, dx);
    else sum = sum + dx;
}

template <class F> void Backward::for_results(const Node* node, const F& f) const {
    for (std::size_t i = 0; i < xs_.size(); ++i)
        if (node_of(xs_[i]) == node) f(results_[i]);
}

void Backward::send(Node* input, Tensor dx) {
    if (!(dx.shape() == input->shape)) dx = sum_to(dx, input->shape);
    if (input->is_leaf()) {
        if (!results_) add(input->grad, std::move(dx));
        else for_results(input, [&](Tensor& r) { add(r, dx); });
        return;
    }
    if (!input->grad.defined()) {
        heap_.push_back(Ref<Node>::share(input));
        std::push_heap(heap_.begin(), heap_.end(), older);
    }
    add(input->grad, std::move(dx));
}

void Backward::run(const Tensor& y, std::span<const Tensor> xs, Tensor* results) {
    const char* who = results ? "grad" : "backward";
    require<std::invalid_argument>(y.defined(), "{}: expected a tensor, got an undefined one", who);
    require<std::logic_error>(
        y.requires_grad(),
        "{}: expected a tensor computed from one that requires a gradient, got one of shape {} that was not", who,
        y.shape());
    require(y.numel() == 1, "{}: expected a scalar, got shape {}", who, y.shape());
    xs_ = xs;
    results_ = results;
    if (results) {
        oldest_wanted_ = ~std::uint64_t(0);
        for (std::size_t i = 0; i < xs.size(); ++i) {
            require<std::logic_error>(xs[i].defined() && xs[i].requires_grad(),
                                      "grad: expected every x to require a gradient, got x number {} that does not", i);
            oldest_wanted_ = std::min(oldest_wanted_, node_of(xs[i])->id);
        }
    }
    GradMode mode(create_graph);
    struct Cleanup {  // after an exception no half-grown gradient may stay behind
        std::vector<Ref<Node>>& heap;
        const char* before = detail::running_op;
        ~Cleanup() {
            for (auto& n : heap) n->grad = Tensor();
            detail::running_op = before;
        }
    } cleanup{heap_};
    send(node_of(y), full(y.shape(), 1, y.dtype()));
    while (!heap_.empty()) {
        std::pop_heap(heap_.begin(), heap_.end(), older);
        const Ref<Node> owner = std::move(heap_.back());
        heap_.pop_back();
        Node& node = *owner;
        const Tensor dy = std::exchange(node.grad, Tensor());
        if (results_) {
            for_results(&node, [&](Tensor& r) { r = dy; });
            if (node.id == oldest_wanted_) continue;  // nothing older is wanted
        }
        require<std::logic_error>(
            !node.released,
            "backward: expected a graph not used before, got one through {} that was; pass retain_graph", node.op);
        detail::running_op = node.op;
        node.pull(dy, *this);
        if (!retain_) {
            node.released = true;
            node.release();
        }
    }
}

void backward(const Tensor& y, GradOptions options) { Backward(options).run(y, {}, nullptr); }

Tensor Tensor::require_grad(bool on) const {
    require(!on || is_float(dtype()), "require_grad: expected dtype float32 or float64, got {}", name_of(dtype()));
    if (on != requires_grad() || (on && !node_of(*this)->is_leaf()))
        impl_->node = on ? Ref<GraphNode>(Ref<Node>::adopt(new Leaf("leaf", *this))) : Ref<GraphNode>();
    return *this;
}
Tensor Tensor::grad() const { return impl_->node && node_of(*this)->is_leaf() ? node_of(*this)->grad : Tensor(); }
void Tensor::zero_grad() const {
    if (impl_->node) node_of(*this)->grad = Tensor();
}
void Tensor::backward() const { xg::backward(*this); }

void detail::grad_into(const Tensor& y, std::span<const Tensor> xs, Tensor* results, GradOptions options) {
    if (options.unused == Unused::error || (y.defined() && y.requires_grad())) Backward(options).run(y, xs, results);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        require<std::logic_error>(results[i].defined() || options.unused != Unused::error,
                                  "grad: expected y to depend on every x, got no path to x number {}", i);
        if (options.unused == Unused::zeros && !results[i].defined()) results[i] = zeros_like(xs[i]);
    }
}
std::vector<Tensor> grad(const Tensor& y, const std::vector<Tensor>& xs, GradOptions options) {
    std::vector<Tensor> results(xs.size());
    detail::grad_into(y, xs, results.data(), options);
    return results;
}

}  // namespace xg
