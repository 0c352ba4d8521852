#pragma once
// What map() leaves in the graph: the rules of an elementwise operation and what they need, for one fused backward
// pass.
#include <algorithm>
#include <tuple>
#include "../tensor/create.h"
#include "../tensor/kernels/elementwise.h"
#include "dual.h"
#include "node.h"
#include "record.h"
#include "ops/layout.h"

namespace xg {

namespace detail {
template <class R, int... k> auto trace_rule(const R& rule, std::integer_sequence<int, k...>) {
    return apply_rule(rule, Argument<0>{}, Argument<1 + sizeof...(k)>{}, Argument<1 + k>{}...);
}
/// What rule R of an n-ary operation uses: bit 0 for dy, 1..n for the operands, n + 1 for y.
template <class R, int n> using TraceOf =
    decltype(trace_rule(std::declval<const R&>(), std::make_integer_sequence<int, n>{}));
template <class R, int n> inline constexpr unsigned uses = TraceOf<R, n>::mask;
template <class R, int n> inline constexpr bool passes_dy = std::is_same_v<TraceOf<R, n>, Argument<0>>;

template <class R> inline constexpr bool is_derived = false;
template <class F, int i, int n> inline constexpr bool is_derived<DualRule<F, i, n>> = true;
}  // namespace detail

/// What a MapNode is but for its rules: one class for all operations that keep the same.
template <int n, bool saves, bool keeps_output, bool keeps_partials> class AnyMapNode : public Node {
    /// In place of member i: empty ones of one type would not lie at one address, and a node's lines are dear.
    template <int i> struct Nothing {};

public:
    using Partials = std::conditional_t<keeps_partials, std::array<Tensor, n>, Nothing<0>>;

    /// used[i]: what rule i uses.
    AnyMapNode(const char* name, const Tensor& y, const kernel::Spread<n>& spread,
               const std::array<const Tensor*, n>& xs, const std::array<unsigned, n>& used, Partials partials)
        : Node(name, y),
          partials_(std::move(partials)),
          columns_(spread.grid.cols),
          kind_(spread.kind),
          expand_(std::uint8_t(spread.expand)) {
        unsigned needed = 0;
        for (int i = 0; i < n; ++i) {
            inputs_[i] = share_node(*xs[i]);
            after(inputs_[i].get());
            if (inputs_[i]) needed |= used[i];
        }
        if constexpr (saves)
            for (int i = 0; i < n; ++i)
                if (needed >> (i + 1) & 1) saved_[i] = Saved(*xs[i]);
        if constexpr (keeps_output)
            if (needed >> (n + 1) & 1) y_ = SavedOutput(y);
    }
    void prefetch() const override {
        for (auto& in : inputs_) pool::prefetch(in.get(), 1);
        if constexpr (saves)
            for (auto& s : saved_) s.prefetch();
        if constexpr (keeps_output) y_.prefetch();
    }
    void inputs(std::vector<Node*>& list) const override {
        for (auto& in : inputs_) list.push_back(in.get());
    }
    void kept(std::vector<Tensor>& list) const override {
        if constexpr (saves)
            for (auto& s : saved_) detail::list_kept(s, list);
        if constexpr (keeps_output)
            if (y_) list.push_back(y_.values(*this));
        if constexpr (keeps_partials)
            for (auto& p : partials_)
                if (p.defined()) list.push_back(p);
    }
    void release() override {
        for (auto& in : inputs_) in = {};
        partials_ = {};
        if constexpr (saves)
            for (auto& s : saved_) s = {};
        if constexpr (keeps_output) y_ = {};
    }
    /// The rule itself, with the input's tangent as dy: an elementwise derivative is its own transpose.
    Tensor push(const Forward& run) override {
        const Tensor y = output(modes.grad);
        Tensor total;
        for (int i = 0; i < n; ++i)
            if (const Tensor dx = run.of(inputs_[i].get()); dx.defined())
                detail::add_tangent(total, on_tensors(i, dx, y));
        return total.defined() && !(total.shape() == shape) ? broadcast_to(total, shape) : total;
    }

protected:
    virtual Tensor on_tensors(int rule, const Tensor& dy, const Tensor& y) const = 0;

    Tensor output(bool create_graph) {
        if constexpr (keeps_output)
            if (y_) return rejoin(y_.get(*this), this, create_graph);
        return Tensor();
    }
    Tensor saved(int i) const {
        if constexpr (saves)
            if (saved_[i]) return saved_[i].get();
        return Tensor();
    }
    /// For rules on tensors. What no derivative uses was not kept, but a derived rule works out values beside
    /// derivatives, so some number has to stand there.
    Tensor operand(int i) const {
        const Tensor x = saved(i);
        return x.defined() ? x : full({}, 0.6180339887498949, dtype);
    }
    void pull_recorded(const Tensor& dy, Backward& run) {
        const Tensor y = output(run.create_graph);
        for (int i = 0; i < n; ++i)
            if (run.wants(inputs_[i].get())) run.send(inputs_[i].get(), on_tensors(i, dy, y));
    }
    /// Whether a dy that stands for many examples is a grid of one row each, over which all the rest is repeated.
    bool one_row_an_example(const Tensor& dy) const {
        const bool plain = !detail::is_batched(detail::all_examples(dy)) && !expand_ && columns_ == shape.numel();
        return plain && std::ranges::all_of(kind_, [](kernel::Kind k) { return k == kernel::Kind::full; });
    }
    /// What receives the gradient of input i, if it has to be computed.
    template <class T> kernel::Sink<T> sink(int i, const Tensor& dy, Backward& run, Tensor& dx) const {
        Node* const input = inputs_[i].get();
        if (detail::is_batched(dy)) {
            const auto examples = detail::all_examples(dy).shape()[0];
            dx = detail::one_example(Tensor::empty(detail::behind(examples, input->shape), dtype), dy.impl()->level);
            return {detail::all_examples(dx).template raw<T>(), kernel::Kind::full};
        }
        if (expand_ >> i & 1) dx = Tensor::sharing(shape, dtype);
        else if (Tensor* sum = kind_[i] == kernel::Kind::full ? run.grown(input) : nullptr)
            return {sum->template raw<T>(), kernel::Kind::full, true};
        else dx = Tensor::sharing(input->shape, dtype);
        return {dx.template raw<T>(), kind_[i]};
    }
    /// How what is not dy lies beside it, whole or `otherwise`: the same for each of many examples.
    static kernel::Kind same_for_each(const Tensor& dy, kernel::Kind otherwise = kernel::Kind::full) {
        return detail::is_batched(dy) ? kernel::Kind::row : otherwise;
    }
    /// dy as a source: of one example, or of all.
    template <class T> static kernel::Source<T> values_of(const Tensor& dy) {
        return {(detail::is_batched(dy) ? detail::all_examples(dy) : dy).template raw<T>(), kernel::Kind::full};
    }
    /// dy and what the rules need beside it, through `loop`. An input of `passed` receives dy as it is.
    template <class T> void pull_in_one_pass(kernel::BackwardPart<T> loop, const void* rules,
                                             std::span<const kernel::Source<T>> sources, unsigned passed,
                                             const Tensor& dy, Backward& run) {
        std::array<Tensor, n> dx;
        std::array<kernel::Sink<T>, n> out{};
        bool any = false;
        for (int i = 0; i < n; ++i) {
            if (!run.wants(inputs_[i].get())) continue;
            if (passed >> i & 1) {
                dx[i] = dy;
            } else {
                out[i] = sink<T>(i, dy, run, dx[i]);
                any = true;
            }
        }
        const kernel::Grid grid{columns_ ? shape.numel() / columns_ : 0, columns_};
        if (any && detail::is_batched(dy))
            kernel::backward_examples<T>(loop, rules, {detail::all_examples(dy).shape()[0], columns_}, sources, out);
        else if (any) kernel::backward_all_parts<T>(loop, rules, grid, sources, out);
        for (int i = 0; i < n; ++i)
            if (dx[i].defined()) run.send(inputs_[i].get(), std::move(dx[i]));
    }
    template <class T>
    void pull_fused(kernel::BackwardPart<T> loop, const void* rules, unsigned passed, const Tensor& dy, Backward& run) {
        [[maybe_unused]] std::array<Tensor, n> grown;
        std::array<kernel::Source<T>, n + 2> in{};
        in[0] = in[n + 1] = values_of<T>(dy);
        if constexpr (keeps_output)
            if (y_) in[n + 1] = {y_.template raw<T>(*this), same_for_each(dy)};
        for (int i = 0; i < n; ++i) {
            in[i + 1] = in[0];  // what was not saved is never used, or for an unwanted gradient only
            if constexpr (saves) {
                if (!bool(saved_[i])) continue;
                const Tensor* x = &saved_[i].get();
                if (expand_ >> i & 1) x = &(grown[i] = broadcast_to(*x, shape));
                in[i + 1] = {x->template raw<T>(), same_for_each(dy, kind_[i])};
            }
        }
        pull_in_one_pass<T>(loop, rules, in, passed, dy, run);
    }
    bool has_partials() const {
        if constexpr (keeps_partials)
            return std::ranges::any_of(partials_, [](const Tensor& p) { return p.defined(); });
        return false;
    }
    template <class T> void pull_partials(unsigned passed, const Tensor& dy, Backward& run) {
        if constexpr (keeps_partials) {
            std::array<kernel::Source<T>, n + 1> in{};
            in[0] = values_of<T>(dy);
            for (int i = 0; i < n; ++i)
                in[i + 1] = partials_[i].defined()
                                ? kernel::Source<T>{partials_[i].template raw<T>(), same_for_each(dy)}
                                : in[0];
            const auto chain = [](auto j, Batch<T> g, auto... partials) { return g * std::array{partials...}[j]; };
            pull_in_one_pass<T>(kernel::backward_part<T, decltype(chain), n + 1, n>, &chain, in, passed, dy, run);
        }
    }

    [[no_unique_address]] Partials partials_;
    std::int64_t columns_;  // of the grid that the operands broadcast to
    std::array<kernel::Kind, n> kind_;
    std::uint8_t expand_;
    std::array<Ref<Node>, n> inputs_;
    [[no_unique_address]] std::conditional_t<saves, std::array<Saved, n>, Nothing<1>> saved_;
    [[no_unique_address]] std::conditional_t<keeps_output, SavedOutput, Nothing<2>> y_;
};

namespace detail {
template <class... Rules> struct MapTraits {
    static constexpr int n = sizeof...(Rules);
    static constexpr std::array<unsigned, n> used{uses<Rules, n>...};
    static constexpr unsigned used_by_all = (uses<Rules, n> | ...);
    static constexpr bool saves = used_by_all >> 1 & ((1u << n) - 1), uses_output = used_by_all >> (n + 1) & 1;
    static constexpr bool only_passes = (passes_dy<Rules, n> && ...);
    /// Bit i: the gradient of input i is dy.
    static constexpr unsigned passed = [] {
        unsigned bits = 0, i = 0;
        ((bits |= unsigned(passes_dy<Rules, n>) << i++), ...);
        return bits;
    }();
    /// Rules worked out by the compiler may run beside the value: the first backward pass then only multiplies.
    static constexpr bool has_partials = (is_derived<Rules> && ...) && !only_passes;
    using Base = AnyMapNode<n, saves, uses_output, has_partials>;
};
}  // namespace detail

template <class... Rules> class MapNode final : public detail::MapTraits<Rules...>::Base {
    using Traits = detail::MapTraits<Rules...>;
    static constexpr int n = Traits::n;
    static constexpr auto each = std::make_integer_sequence<int, n>{};

public:
    MapNode(const char* name, const Tensor& y, const kernel::Spread<n>& spread, const std::array<const Tensor*, n>& xs,
            std::tuple<Rules...> rules, typename MapNode::Partials partials)
        : Traits::Base(name, y, spread, xs, Traits::used, std::move(partials)), rules_(std::move(rules)) {}

    void pull(const Tensor& dy, Backward& run) override {
        if constexpr (Traits::only_passes) {
            for (auto& in : this->inputs_)
                if (run.wants(in.get())) run.send(in.get(), dy);
        } else if (run.create_graph || (detail::is_batched(dy) && !this->one_row_an_example(dy))) {
            this->pull_recorded(dy, run);
        } else {
            dispatch_float(this->dtype, this->op, [&]<class T> {
                if (this->has_partials()) this->template pull_partials<T>(Traits::passed, dy, run);
                else
                    this->template pull_fused<T>(kernel::backward_part<T, MapNode, n + 2, n>, this, Traits::passed, dy,
                                                 run);
            });
        }
    }
    /// Rule i on SIMD batches: dy, the operands, the output.
    template <int i, class T, class... V>
    Batch<T> operator()(std::integral_constant<int, i>, Batch<T> dy, V... rest) const {
        if constexpr (Traits::passed >> i & 1) return dy;
        else return [&]<int... k>(std::integer_sequence<int, k...>) {
                const std::array<Batch<T>, n + 1> v{rest...};
                return Batch<T>(apply_rule(std::get<i>(rules_), dy, v[n], v[k]...));
            }
        (each);
    }

private:
    Tensor on_tensors(int rule, const Tensor& dy, const Tensor& y) const override {
        return [&]<int... i>(std::integer_sequence<int, i...>) {
            Tensor dx;
            ((rule == i ? void(dx = on_tensors<i>(dy, y, each)) : void()), ...);
            return dx;
        }
        (each);
    }
    template <int i, int... k>
    Tensor on_tensors(const Tensor& dy, const Tensor& y, std::integer_sequence<int, k...>) const {
        return Tensor(apply_rule(std::get<i>(rules_), dy, y, this->operand(k)...));
    }

    [[no_unique_address]] std::tuple<Rules...> rules_;
};

}  // namespace xg
