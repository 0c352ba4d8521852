#include <algorithm>
#include <functional>
#include <mutex>
#include <thread>
#include <unordered_set>
#include "batch.h"
#include "hook.h"
#include "node.h"
#include "../tensor/create.h"
#include "ops/arithmetic.h"
#include "ops/reduction.h"

namespace xg {

namespace {
constinit thread_local std::uint64_t newest_id = 0;

struct Leaf : Node {
    Leaf(const char* name, const Tensor& x) : Node(name, x) { leaf = true; }
    void pull(const Tensor&, Backward&) override {}
    Tensor push(const Forward&) override { return Tensor(); }
    void inputs(std::vector<Node*>&) const override {}
    void kept(std::vector<Tensor>&) const override {}
    void release() override {}
};

constinit thread_local Node* dead = nullptr;
constinit thread_local bool burying = false;
}  // namespace

constinit thread_local const char* detail::running_op = "";
constinit thread_local std::vector<Tensor>* detail::census = nullptr;

Node::Node(const char* name, const Tensor& output)
    : dtype(output.dtype()), op(name), id(++newest_id), shape(output.impl()->shape) {
    pool::lists.nodes.add(1);
    if (modes.anomaly) [[unlikely]] {
        extras = std::make_unique<Extras>();
        extras->site = detail::Site::here();
    }
}
Node::~Node() { pool::lists.nodes.add(-1); }
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

void detail::changed_in_place(const Shape& saved, const Storage& storage) {
    fail<std::logic_error>(
        "backward of {}: expected its saved value of shape {} unchanged, got it changed in place by {}", running_op,
        saved, storage.changed_by);
}

namespace {
/// Whether nobody else can see the values.
bool alone(const Tensor& x) {
    return !x.requires_grad() && !detail::is_batched(x) && x.impl()->refs.unique() && x.impl()->storage->refs.unique();
}
}  // namespace
void Backward::add(Tensor& sum, Tensor dx) const {
    if (!sum.defined()) {
        sum = std::move(dx);
        return;
    }
    if (!create_graph && !detail::is_batched(dx) && alone(sum)) add_in_place(sum, dx);
    else sum = sum + dx;
}

bool Backward::may_overwrite(const Tensor& dy) const { return !create_graph && !modes.anomaly && alone(dy); }

template <class F> void Backward::for_results(const Node* node, const F& f) const {
    for (std::size_t i = 0; i < xs_.size(); ++i)
        if (node_of(xs_[i]) == node) f(results_[i]);
}

void Backward::queue(Node* node) {
    node->prefetch();
    heap_.push_back({node->id, Ref<Node>::share(node).give()});
    std::push_heap(heap_.begin(), heap_.end());
}

void Backward::send(Node* input, Tensor dx) {
    if (modes.anomaly && running_) [[unlikely]]
        detail::expect_finite_gradient(running_->op, *arrived_, dx,
                                       running_->extras ? &running_->extras->site : nullptr);
    if (!(dx.shape() == input->shape)) dx = sum_to(dx, input->shape);
    if (input->is_leaf() && !input->extras) return finish_leaf(*input, std::move(dx));
    Tensor& sum = arrived_for(input);
    if (!sum.defined()) queue(input);
    add(sum, std::move(dx));
}
Tensor& Backward::arrived_for(Node* input) {
    if (!input->is_leaf()) return input->grad;
    for (auto& [leaf, sum] : leaves_)
        if (leaf == input) return sum;
    return leaves_.emplace_back(input, Tensor()).second;
}
Tensor* Backward::growing(Node* input) {
    if (create_graph || modes.anomaly) return nullptr;
    Tensor& sum = arrived_for(input);
    if (!sum.defined()) {
        queue(input);
        sum = zeros(input->shape, input->dtype);
    }
    return alone(sum) ? &sum : nullptr;
}
Tensor* Backward::grown(Node* input) {
    if (create_graph || modes.anomaly || input->is_leaf()) return nullptr;
    return input->grad.defined() && alone(input->grad) ? &input->grad : nullptr;
}
namespace {
/// Cheaper than std::mutex where nobody waits: one locked instruction.
class Lock {
public:
    void lock() {
        while (taken_.test_and_set(std::memory_order_acquire)) std::this_thread::yield();
    }
    void unlock() { taken_.clear(std::memory_order_release); }

private:
    std::atomic_flag taken_;
};
}  // namespace
void Backward::finish_leaf(Node& leaf, Tensor dx) {
    if (results_) return for_results(&leaf, [&](Tensor& r) { add(r, dx); });
    static constinit Lock locks[16];  // several threads may add to one parameter
    const std::lock_guard lock(locks[leaf.id % std::size(locks)]);
    add(leaf.grad, std::move(dx));
}

void Backward::run(const Tensor& y, const Tensor& dy, std::span<const Tensor> xs, Tensor* results) {
    const char* who = results ? "grad" : "backward";
    require<std::invalid_argument>(y.defined(), "{}: expected a tensor, got an undefined one", who);
    require<std::logic_error>(
        y.requires_grad(),
        "{}: expected a tensor computed from one that requires a gradient, got one of shape {} that was not", who,
        y.shape());
    require(dy.defined() || y.numel() == 1, "{}: expected a scalar, got shape {}", who, y.shape());
    require(!dy.defined() || dy.shape() == y.shape(), "{}: expected dy of y's shape {}, got {}", who, y.shape(),
            dy.defined() ? dy.shape() : Shape());
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
        std::vector<Pending>& heap;
        const char* before = detail::running_op;
        ~Cleanup() {
            for (const Pending& p : heap) {
                const auto node = Ref<Node>::adopt(p.node);
                if (!node->is_leaf()) node->forget();
            }
            detail::running_op = before;
        }
    } cleanup{heap_};
    send(node_of(y), dy.defined() ? dy : full(y.shape(), 1, y.dtype()));
    while (!heap_.empty()) {
        std::pop_heap(heap_.begin(), heap_.end());
        const auto owner = Ref<Node>::adopt(heap_.back().node);
        heap_.pop_back();
        Node& node = *owner;
        Tensor arrived = std::exchange(arrived_for(&node), Tensor());
        if (node.extras) [[unlikely]]
            node.extras->changed(arrived);
        if (node.is_leaf()) {
            finish_leaf(node, std::move(arrived));
            continue;
        }
        if (results_) {
            for_results(&node, [&](Tensor& r) { r = arrived; });
            if (node.id == oldest_wanted_) continue;  // nothing older is wanted
        }
        require<std::logic_error>(
            !node.released,
            "backward: expected a graph not used before, got one through {} that was; pass retain_graph", node.op);
        detail::running_op = node.op;
        running_ = &node;
        arrived_ = &arrived;
        node.pull(arrived, *this);
        if (!retain_) {
            node.released = true;
            node.release();
        }
    }
}

std::vector<Node*> detail::steps_of(const Tensor& y, std::uint64_t oldest) {
    std::vector<Node*> found, inputs;
    std::unordered_set<const Node*> seen;
    if (y.requires_grad()) inputs.push_back(node_of(y));
    while (!inputs.empty()) {
        Node* node = inputs.back();
        inputs.pop_back();
        if (!node || node->id < oldest || !seen.insert(node).second) continue;
        require<std::logic_error>(!node->released,
                                  "graph: expected one not used before, got one through {} that was; pass retain_graph",
                                  node->op);
        found.push_back(node);
        node->inputs(inputs);
    }
    std::ranges::sort(found, std::greater(), &Node::id);
    return found;
}
Tensor Forward::sweep(const Tensor& y, std::span<const Tensor> xs, std::span<const Tensor> tangents) {
    Forward run;
    std::uint64_t oldest = ~std::uint64_t(0);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        run.tangents_[node_of(xs[i])] = tangents[i];
        oldest = std::min(oldest, node_of(xs[i])->id);
    }
    const auto steps = detail::steps_of(y, oldest);
    // Not views::reverse, which Clang 14 cannot compile with this library.
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        Node* node = *step;
        if (run.tangents_.contains(node)) continue;
        detail::running_op = node->op;
        if (Tensor tangent = node->push(run); tangent.defined()) run.tangents_[node] = std::move(tangent);
    }
    return run.of(y.requires_grad() ? node_of(y) : nullptr);
}

namespace {
/// y as what its node holds, and dy = 1 for every example of a scalar.
Tensor unwrap(const Tensor& y, Tensor& dy) {
    if (!y.defined() || !detail::is_batched(y)) return y;
    require(y.numel() == 1, "backward: expected a scalar, got shape {}", y.shape());
    const Tensor examples = detail::all_examples(y);
    dy = ones_like(examples);
    return detail::is_batched(examples) ? unwrap(examples, dy) : examples;
}
}  // namespace
void backward(const Tensor& y, GradOptions options) {
    Tensor dy;
    const Tensor examples = unwrap(y, dy);
    Backward(options).run(examples, dy, {}, nullptr);
}

Tensor Tensor::require_grad(bool on) const {
    if (detail::is_batched(*this)) {
        impl_->node = detail::all_examples(*this).require_grad(on).impl()->node;
        return *this;
    }
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

namespace {
/// Inside a vmap: each example has a gradient of its own, so all of them at once are one gradient of the sum.
void grad_of_examples(const Tensor& y, const Tensor& dy, std::span<const Tensor> xs, Tensor* results,
                      GradOptions options, int level) {
    require(dy.defined() || y.numel() == 1, "grad: expected a scalar, got shape {}", y.shape());
    if (detail::level_of(y) != level) detail::no_batch_rule("grad");
    const Tensor examples = detail::all_examples(y);
    std::vector<Tensor> all_xs;
    for (const Tensor& x : xs) {
        if (detail::level_of(x) != level)
            detail::no_batch_rule("grad with respect to what is the same for all examples");
        all_xs.push_back(detail::all_examples(x));
    }
    const Tensor seed = !dy.defined() ? ones_like(examples) : detail::for_every_example(dy, level);
    detail::grad_into(examples, seed, all_xs, results, options);
    for (std::size_t i = 0; i < xs.size(); ++i)
        if (results[i].defined()) results[i] = detail::as_example(results[i], level);
}
}  // namespace
void detail::grad_into(const Tensor& y, const Tensor& dy, std::span<const Tensor> xs, Tensor* results,
                       GradOptions options) {
    int level = y.defined() ? detail::level_of(y) : 0;
    for (const Tensor& x : xs) level = std::max(level, x.defined() ? detail::level_of(x) : 0);
    if (level) return grad_of_examples(y, dy, xs, results, options, level);
    if (options.unused == Unused::error || (y.defined() && y.requires_grad()))
        Backward(options).run(y, dy, xs, results);
    for (std::size_t i = 0; i < xs.size(); ++i) {
        require<std::logic_error>(results[i].defined() || options.unused != Unused::error,
                                  "grad: expected y to depend on every x, got no path to x number {}", i);
        if (options.unused == Unused::zeros && !results[i].defined()) results[i] = zeros_like(xs[i]);
    }
}
std::vector<Tensor> grad(const Tensor& y, const std::vector<Tensor>& xs, GradOptions options) {
    std::vector<Tensor> results(xs.size());
    detail::grad_into(y, {}, xs, results.data(), options);
    return results;
}
Tensor pull_back(const Tensor& y, const Tensor& dy, const Tensor& x, GradOptions options) {
    Tensor dx;
    detail::grad_into(y, dy, {&x, 1}, &dx, options);
    return dx;
}

}  // namespace xg
