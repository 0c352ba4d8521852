#pragma once
// record("name", value, wrt(a, rule), wrt(b, rule)...): the value of an operation, and its gradient with respect to
// each input. A rule is Tensor(dy) or Tensor(dy, y), written in ordinary operations, so it can be differentiated again.
#include <concepts>
#include <functional>
#include <optional>
#include <tuple>
#include "../tensor/markers.h"
#include "anomaly.h"
#include "batch.h"
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
    bool batched = false;  // the input is one example of a vmap; its node holds all
    static constexpr bool needs_output = RuleOfGradAndOutput<R>;
};

template <Rule R> Wrt<R> wrt(const Tensor& x, R rule) {
    if (!modes.grad || !x.requires_grad()) return {};
    return {share_node(x), std::move(rule), detail::is_batched(x)};
}

/// The output as later rules see it: the saved values, tied to the node again if the rule itself is being recorded.
inline Tensor rejoin(const Tensor& saved, Node* node, bool create_graph) {
    return create_graph ? detail::attach(saved.detach(), Ref<GraphNode>::share(node)) : saved;
}

namespace detail {
/// A rule is linear in dy; its transpose takes the input's tangent to what it adds to the output's.
Tensor transposed(const Node& node, const std::function<Tensor(const Tensor& dy)>& rule, const Tensor& dx);
void add_tangent(Tensor& total, Tensor more);
}  // namespace detail

template <class... Rules> class OpNode final : public Node {
public:
    OpNode(const char* name, const Tensor& y, Wrt<Rules>&&... inputs)
        : Node(name, detail::is_batched(y) ? detail::all_examples(y) : y), inputs_(std::move(inputs)...) {
        std::apply([&](auto&... in) { (after(in.node.get()), ...); }, inputs_);
        if (detail::is_batched(y)) batch_ = detail::Level::serial();
        if constexpr (needs_output) y_ = Saved(y.detach());
    }
    void pull(const Tensor& dy, Backward& run) override {
        const Rejoined with(*this, dy, run.create_graph);
        std::apply(
            [&](auto&... in) { ((run.wants(in.node.get()) ? run.send(in.node.get(), with.apply(in)) : void()), ...); },
            inputs_);
    }
    Tensor push(const Forward& run) override {
        const bool recorded = modes.grad;
        Tensor total;
        const auto push_one = [&](auto& in) {
            const Tensor dx = run.of(in.node.get());
            if (!dx.defined()) return;
            const auto rule = [&](const Tensor& dy) { return Rejoined(*this, dy, recorded).apply(in); };
            detail::add_tangent(total, detail::transposed(*this, rule, dx));
        };
        std::apply([&](auto&... in) { (push_one(in), ...); }, inputs_);
        return total;
    }
    void inputs(std::vector<Node*>& list) const override {
        std::apply([&](auto&... in) { (list.push_back(in.node.get()), ...); }, inputs_);
    }
    void kept(std::vector<Tensor>& list) const override {
        std::apply([&](auto&... in) { (detail::list_kept(in.rule, list), ...); }, inputs_);
        if constexpr (needs_output) detail::list_kept(y_, list);
    }
    void release() override {
        std::apply([](auto&... in) { ((in.rule.reset(), in.node = {}), ...); }, inputs_);
        y_ = {};
    }

private:
    static constexpr bool needs_output = (Wrt<Rules>::needs_output || ...);
    struct Nothing {};

    /// The rules' arguments; if this was recorded inside a vmap, as it was seen there.
    struct Rejoined {
        Rejoined(OpNode& node, const Tensor& from, bool create_graph) : dy(from), batch(node.batch_) {
            if (batch) [[unlikely]] {
                detail::reopen(level, batch, dy.shape()[0], node.op);
                dy = detail::as_example(dy, 1);
            }
            if constexpr (needs_output) y = rejoin(node.y_, &node, create_graph);
        }
        template <class R> Tensor apply(const Wrt<R>& in) const {
            const Tensor dx = [&]() -> Tensor {
                if constexpr (RuleOfGradAndOutput<R>) return (*in.rule)(dy, y);
                else return (*in.rule)(dy);
            }();
            return batch ? detail::to_all(dx, in.node->shape, in.batched, 1) : dx;
        }
        Tensor dy, y;
        std::uint32_t batch;
        std::optional<detail::Level> level;
    };

    std::tuple<Wrt<Rules>...> inputs_;
    [[no_unique_address]] std::conditional_t<needs_output, Saved, Nothing> y_;
    std::uint32_t batch_ = 0;  // the vmap in which this was recorded; all levels but the outermost loop
};

template <Rule... Rules> Tensor record(const char* op, Tensor y, Wrt<Rules>... inputs) {
    if (modes.anomaly) [[unlikely]]
        detail::expect_finite(op, y, {});
    if (!(bool(inputs.node) || ...)) return y;
    if (y.impl()->level > 1 || (!detail::is_batched(y) && (inputs.batched || ...))) [[unlikely]]
        detail::no_batch_rule(op);
    auto node = Ref<Node>::adopt(new OpNode<Rules...>(op, y, std::move(inputs)...));
    return detail::attach(y, std::move(node));
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
    Tensor push(const Forward& run) override {
        Tensor total;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (const Tensor dx = run.of(inputs_[i].get()); dx.defined())
                detail::add_tangent(
                    total,
                    detail::transposed(
                        *this, [&](const Tensor& dy) { return rule_(shapes_, i, dy).to(inputs_[i]->dtype); }, dx));
        return total;
    }
    void inputs(std::vector<Node*>& list) const override {
        for (auto& input : inputs_) list.push_back(input.get());
    }
    void kept(std::vector<Tensor>& list) const override { detail::list_kept(rule_, list); }
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

/// Several outputs from one computation: rule(gradients of all values) gives every input's gradient; an undefined one
/// counts as zero. The values are computed unrecorded; so is what they were computed from.
Tensors record(const char* op, const std::function<Tensors()>& values, const Tensors& inputs,
               std::function<Tensors(const Tensors& dy)> rule);

}  // namespace xg
