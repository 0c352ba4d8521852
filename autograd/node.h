#pragma once
#include <array>
#include <concepts>
#include <memory>
#include <unordered_map>
#include <vector>
#include "../tensor/modes.h"
#include "../tensor/tensor.h"

namespace xg {

class Backward;
class Forward;
struct Extras;

/// One recorded step. An input is always older than what is computed from it, so ids order the graph.
class Node : public GraphNode {
public:
    Node(const char* op, const Tensor& output);
    virtual ~Node();
    static void* operator new(std::size_t bytes) { return pool::allocate(bytes); }
    static void operator delete(void* p, std::size_t bytes) { pool::deallocate(p, bytes); }

    /// Asks for the memory that pull will read: a graph is larger than the caches, and this node's turn comes soon.
    virtual void prefetch() const {}
    /// Sends each input its share of `dy`.
    virtual void pull(const Tensor& dy, Backward& run) = 0;
    /// The output's derivative along the inputs' tangents; undefined if it does not move.
    virtual Tensor push(const Forward& run) = 0;
    /// Appends the nodes that pull sends to.
    virtual void inputs(std::vector<Node*>& list) const = 0;
    /// Appends the values kept for the backward pass.
    virtual void kept(std::vector<Tensor>& list) const = 0;
    /// Lets go of inputs and saved values.
    virtual void release() = 0;
    /// Lets go of a gradient that has only grown in part.
    virtual void forget() { grad = Tensor(); }
    bool is_leaf() const { return leaf; }

    /// Ids are counted per thread; an input made on another thread may be ahead.
    void after(const Node* input) {
        if (input && input->id >= id) [[unlikely]]
            catch_up(input->id);
    }

    bool released = false, leaf = false;
    DType dtype;
    const char* op;
    union {
        std::uint64_t id;
        Node* next_dead;  // once nobody holds it
    };
    Tensor grad;                     // a leaf's gradient; for other nodes what has arrived so far during a backward run
    std::unique_ptr<Extras> extras;  // what few nodes have
    SharedShape shape;

private:
    void catch_up(std::uint64_t input_id);
};

/// What computed x, or its gradient's accumulator; null if no gradient is wanted.
inline Node* node_of(const Tensor& x) { return static_cast<Node*>(x.impl()->node.get()); }
inline Ref<Node> share_node(const Tensor& x) { return Ref<Node>::share(node_of(x)); }

/// Whether operations are being recorded on this thread, for the life of the guard.
class GradMode {
public:
    explicit GradMode(bool on) : before_(modes.grad) { modes.grad = on; }
    ~GradMode() { modes.grad = before_; }
    GradMode(const GradMode&) = delete;

private:
    bool before_;
};
/// Nothing is recorded on this thread while it lives.
struct NoGrad : GradMode {
    [[nodiscard]] NoGrad() : GradMode(false) {}
};

namespace detail {
/// The operation whose rule is running on this thread: for errors.
extern constinit thread_local const char* running_op;
[[noreturn]] void changed_in_place(const Shape& saved, const Storage& storage);
/// Where copies of Saved values note what they hold: copying a rule lists what it keeps.
extern constinit thread_local std::vector<Tensor>* census;
template <class Rule> void list_kept(const Rule& rule, std::vector<Tensor>& list) {
    if constexpr (std::is_copy_constructible_v<Rule>) {
        census = &list;
        [[maybe_unused]] const Rule copy = rule;  // NOLINT(performance-unnecessary-copy-initialization)
        census = nullptr;
    }
}
}  // namespace detail

/// A value kept for the backward pass; refuses if it was changed in place since.
class Saved {
public:
    Saved() = default;
    explicit Saved(Tensor t) : t_(std::move(t)), version_(t_.version()) {}
    Saved(const Saved& o) : t_(o.t_), version_(o.version_) {
        if (detail::census && t_.defined()) [[unlikely]]
            detail::census->push_back(t_);
    }
    Saved(Saved&&) = default;
    Saved& operator=(const Saved&) = default;
    Saved& operator=(Saved&&) = default;
    operator const Tensor&() const { return get(); }
    const Tensor& get() const {
        if (t_.version() != version_) [[unlikely]]
            detail::changed_in_place(t_.shape(), *t_.impl()->storage);
        return t_;
    }
    explicit operator bool() const { return t_.defined(); }
    /// Of a small one all: header, storage, values.
    void prefetch() const { pool::prefetch(t_.impl(), 4); }

private:
    Tensor t_;
    std::uint32_t version_ = 0;
};
/// A new buffer that a node's operation filled, kept for its own gradient: not the tensor, as that holds the node.
class SavedOutput {
public:
    SavedOutput() = default;
    explicit SavedOutput(const Tensor& y) : storage_(y.impl()->storage), version_(y.version()) {}
    template <class T> const T* raw(const Node& of) const {
        expect_unchanged(of);
        return reinterpret_cast<const T*>(storage_->data());
    }
    Tensor get(const Node& of) const {
        expect_unchanged(of);
        return values(of);
    }
    /// Also if they were changed.
    Tensor values(const Node& of) const { return detail::whole(storage_, of.shape, of.dtype); }
    explicit operator bool() const { return bool(storage_); }
    void prefetch() const { pool::prefetch(storage_.get(), 3); }

private:
    void expect_unchanged(const Node& of) const {
        if (storage_->version.load(std::memory_order_relaxed) != version_) [[unlikely]]
            detail::changed_in_place(of.shape, *storage_);
    }
    Ref<Storage> storage_;
    std::uint32_t version_ = 0;
};

/// What grad gives for an x that y does not depend on: an error that names it, an undefined tensor, or zeros.
enum class Unused : std::uint8_t { error, undefined, zeros };
/// create_graph: the gradients can be differentiated again (and the graph is kept). retain_graph: it can be used again.
struct GradOptions {
    bool create_graph = false, retain_graph = false;
    Unused unused = Unused::error;
};

namespace detail {
void grad_into(const Tensor& y, const Tensor& dy, std::span<const Tensor> xs, Tensor* results, GradOptions options);
/// Every recorded step that y was computed by, back to `oldest`, newest first.
std::vector<Node*> steps_of(const Tensor& y, std::uint64_t oldest = 0);
}  // namespace detail
/// Gradients of the scalar `y` with respect to `xs`; leaves' own .grad() stays untouched.
std::vector<Tensor> grad(const Tensor& y, const std::vector<Tensor>& xs, GradOptions options = {});
/// `auto [da, db] = grad(y, {a, b})`: as many gradients as inputs are written.
template <std::size_t n> std::array<Tensor, n> grad(const Tensor& y, const Tensor (&xs)[n], GradOptions options = {}) {
    std::array<Tensor, n> dx;
    detail::grad_into(y, {}, xs, dx.data(), options);
    return dx;
}
/// `Tensor dx = grad(y, x)`. A template, so that braces always mean a list: `auto [dx] = grad(y, {x})`.
template <std::derived_from<Tensor> T> Tensor grad(const Tensor& y, const T& x, GradOptions options = {}) {
    return grad<1>(y, {x}, options)[0];
}
/// The gradient of sum(y dy) with respect to x; y is of any shape, dy of y's.
Tensor pull_back(const Tensor& y, const Tensor& dy, const Tensor& x, GradOptions options = {});
/// Adds the gradient of the scalar `y` to every leaf.
void backward(const Tensor& y, GradOptions options = {});

/// One backward run: nodes whose gradient is still growing, newest first.
class Backward {
public:
    explicit Backward(GradOptions options)
        : create_graph(options.create_graph), retain_(options.retain_graph || options.create_graph) {}

    bool wants(const Node* input) const { return input && input->id >= oldest_wanted_; }
    /// Hands `dx` to an input, summed over the axes along which the input was broadcast.
    void send(Node* input, Tensor dx);
    /// Adds to a growing gradient, in place if nobody else holds it.
    void add(Tensor& sum, Tensor dx) const;
    /// The growing gradient of an input, of its shape, to add to in place; null where only send() will do.
    Tensor* growing(Node* input);
    /// The same if something has arrived already and may be added to in place: otherwise send() costs no more.
    Tensor* grown(Node* input);
    /// Whether a rule may write into the gradient it was handed: nobody else sees its values.
    bool may_overwrite(const Tensor& dy) const;
    /// Makes the node run when all newer ones have.
    void queue(Node* node);
    void run(const Tensor& y, const Tensor& dy, std::span<const Tensor> xs, Tensor* results);

    const bool create_graph;

private:
    /// Calls f(result) for every wanted input that is this node's output.
    template <class F> void for_results(const Node* node, const F& f) const;
    void finish_leaf(Node& leaf, Tensor dx);
    /// What has arrived for an input so far. A leaf's is kept here: other threads may run through the same leaf.
    Tensor& arrived_for(Node* input);

    const bool retain_;
    const Node* running_ = nullptr;
    const Tensor* arrived_ = nullptr;  // its output's gradient
    struct Pending {
        std::uint64_t id;
        Node* node;
        bool operator<(const Pending& o) const { return id < o.id; }
    };
    std::vector<Pending> heap_;                           // owning: a node that ran lets go of its inputs
    std::vector<std::pair<const Node*, Tensor>> leaves_;  // those whose gradients are handed over when complete
    std::span<const Tensor> xs_;
    Tensor* results_ = nullptr;
    std::uint64_t oldest_wanted_ = 0;
};

/// Derivatives along one direction, from the inputs on: a sweep over the recorded graph, oldest first.
class Forward {
public:
    /// The derivative of y when each x moves along its tangent; undefined if y does not move. Recorded if recording is
    /// on.
    static Tensor sweep(const Tensor& y, std::span<const Tensor> xs, std::span<const Tensor> tangents);
    /// The tangent of an input that moves, else undefined.
    Tensor of(const Node* input) const {
        const auto found = tangents_.find(input);
        return found == tangents_.end() ? Tensor() : found->second;
    }

private:
    std::unordered_map<const Node*, Tensor> tangents_;
};

}  // namespace xg
