#pragma once
// record("name", value, wrt(a, rule), wrt(b, rule)...): the value of an operation, and its gradient with respect to
// each input. A rule is Tensor(dy) or Tensor(dy, y), written in ordinary operations, so it can be differentiated again.
#include <concepts>
#include <optional>
#include <tuple>
#include "../tensor/markers.h"
#include "node.h"

namespace xg {

template <class F>
concept RuleOfGrad = requires(const F& f, const Tensor& dy) {
    { f(dy) } -> std::convertible_to<Tensor>;
};
template <class F>
concept RuleOfGradAndOutput = requires(const F& f, const Tensor& dy) {
    { f(dy, dy) } -> std::convertible_to<Tensor>;
};
template <class F>
concept Rule = RuleOfGrad<F> || RuleOfGradAndOutput<F>;

template <Rule R> struct Wrt {
    Ref<Node> node;  // empty if the input needs no gradient; its rule, with all it captured, is then dropped
    std::optional<R> rule;
    static constexpr bool needs_output = RuleOfGradAndOutput<R>;
};

template <Rule R> Wrt<R> wrt(const Tensor& x, R rule) {
    if (!modes.grad || !x.requires_grad()) return {};
    return {share_node(x), std::move(rule)};
}

/// The output as later rules see it: the saved values, tied to the node again if the rule itself is being recorded.
inline Tensor rejoin(const Tensor& saved, Node* node, bool create_graph) {
    if (!create_graph) return saved;
    Tensor y = saved.detach();
    y.impl()->node = Ref<GraphNode>::share(node);
    return y;
}

template <class... Rules> class OpNode final : public Node {
public:
    OpNode(const char* name, const Tensor& y, Wrt<Rules>&&... inputs) : Node(name, y), inputs_(std::move(inputs)...) {
        std::apply([&](auto&... in) { (after(in.node.get()), ...); }, inputs_);
        if constexpr (needs_output) y_ = Saved(y.detach());
    }
    void pull(const Tensor& dy, Backward& run) override {
        Tensor y;
        if constexpr (needs_output) y = rejoin(y_, this, run.create_graph);
        std::apply([&](auto&... in) { (pull_one(in, dy, y, run), ...); }, inputs_);
    }
    void release() override {
        std::apply([](auto&... in) { ((in.rule.reset(), in.node = {}), ...); }, inputs_);
        y_ = {};
    }

private:
    static constexpr bool needs_output = (Wrt<Rules>::needs_output || ...);
    struct Nothing {};

    template <class R> static void pull_one(Wrt<R>& in, const Tensor& dy, const Tensor& y, Backward& run) {
        if (!run.wants(in.node.get())) return;
        if constexpr (RuleOfGradAndOutput<R>) run.send(in.node.get(), (*in.rule)(dy, y));
        else run.send(in.node.get(), (*in.rule)(dy));
    }

    std::tuple<Wrt<Rules>...> inputs_;
    [[no_unique_address]] std::conditional_t<needs_output, Saved, Nothing> y_;
};

template <Rule... Rules> Tensor record(const char* op, Tensor y, Wrt<Rules>... inputs) {
    if ((bool(inputs.node) || ...)) {
        auto node = Ref<Node>::adopt(new OpNode<Rules...>(op, y, std::move(inputs)...));
        y.impl()->node = std::move(node);
    }
    return y;
}
/// The value may also be a function: it runs unrecorded, so that ordinary operations can compute it.
template <class V, Rule... Rules>
requires(std::is_invocable_r_v<Tensor, V&>) Tensor record(const char* op, V value, Wrt<Rules>... inputs) {
    const auto unrecorded = [&] {
        NoGrad guard;
        return Tensor(value());
    };
    return record(op, unrecorded(), std::move(inputs)...);
}

/// An operation on a list: rule(shapes of all inputs, i, dy) is the gradient of input i.
template <class R> class ListNode final : public Node {
public:
    ListNode(const char* name, const Tensor& y, const std::vector<Tensor>& xs, R rule)
        : Node(name, y), rule_(std::move(rule)) {
        for (const Tensor& x : xs) {
            inputs_.push_back(share_node(x));
            shapes_.push_back(x.shape());
            after(inputs_.back().get());
        }
    }
    void pull(const Tensor& dy, Backward& run) override {
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (run.wants(inputs_[i].get())) run.send(inputs_[i].get(), rule_(shapes_, i, dy).to(inputs_[i]->dtype));
    }
    void release() override { inputs_.clear(); }

private:
    R rule_;
    std::vector<Ref<Node>> inputs_;
    std::vector<Shape> shapes_;
};
template <class R> Tensor record_all(const char* op, Tensor y, const std::vector<Tensor>& xs, R rule) {
    bool wanted = false;
    for (const Tensor& x : xs) wanted |= x.requires_grad();
    if (modes.grad && wanted) {
        auto node = Ref<Node>::adopt(new ListNode<R>(op, y, xs, std::move(rule)));
        y.impl()->node = std::move(node);
    }
    return y;
}

}  // namespace xg
