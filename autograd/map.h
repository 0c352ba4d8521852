#pragma once
// map("tanh", x, value, rule): an elementwise operation from two generic lambdas. The value is compiled for SIMD
// batches; the rule too, as one fused pass over all inputs, and once more for tensors, for gradients of gradients.
// map(f, xs...): without rules, the compiler derives them (autograd/dual.h).
#include <algorithm>
#include <tuple>
#include "../tensor/create.h"
#include "../tensor/kernels/elementwise.h"
#include "anomaly.h"
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

/// The floating type in which operands of these types meet: the widest, float32 if none is floating.
inline DType float_dtype(std::initializer_list<DType> dtypes) {
    DType d = boolean;
    for (DType other : dtypes) d = promote(d, other);
    return is_float(d) ? d : f32;
}

template <class R> inline constexpr bool is_derived = false;
template <class F, int i, int n> inline constexpr bool is_derived<DualRule<F, i, n>> = true;

inline constexpr std::int64_t partials_in_cache = 128 << 10;  // bytes
}  // namespace detail

template <class... Rules> class MapNode final : public Node {
    struct Nothing {};
    static constexpr int n = sizeof...(Rules);
    static constexpr auto each = std::make_integer_sequence<int, n>{};
    template <int i> using RuleAt = std::tuple_element_t<i, std::tuple<Rules...>>;
    static constexpr unsigned used_by_all = (detail::uses<Rules, n> | ...);
    static constexpr bool uses_output = used_by_all >> (n + 1) & 1;
    static constexpr bool only_passes = (detail::passes_dy<Rules, n> && ...);

public:
    /// Rules worked out by the compiler may run beside the value: the first backward pass then only multiplies.
    static constexpr bool has_partials = (detail::is_derived<Rules> && ...) && !only_passes;
    using Partials = std::conditional_t<has_partials, std::array<Tensor, n>, Nothing>;

    MapNode(const char* name, const Tensor& y, const kernel::Layout<n>& layout, const std::array<const Tensor*, n>& xs,
            std::tuple<Rules...> rules, Partials partials)
        : Node(name, y),
          rules_(std::move(rules)),
          partials_(std::move(partials)),
          columns_(layout.grid.cols),
          kind_(layout.kind),
          expand_(layout.expand) {
        unsigned needed = 0;
        [&]<int... i>(std::integer_sequence<int, i...>) {
            ((inputs_[i] = share_node(*xs[i]), after(inputs_[i].get()),
              needed |= inputs_[i] ? detail::uses<RuleAt<i>, n> : 0),
             ...);
            if constexpr (saves_any) ((needed >> (i + 1) & 1 ? void(saved_[i] = Saved(*xs[i])) : void()), ...);
        }
        (each);
        if constexpr (uses_output)
            if (needed >> (n + 1) & 1) y_ = SavedOutput(y);
    }

    void pull(const Tensor& dy, Backward& run) override {
        if constexpr (only_passes) {
            for (auto& in : inputs_)
                if (run.wants(in.get())) run.send(in.get(), dy);
        } else if (run.create_graph || (detail::is_batched(dy) && !one_row_an_example(dy))) {
            [&]<int... i>(std::integer_sequence<int, i...>) { (pull_recorded<i>(dy, run), ...); }
            (each);
        } else {
            dispatch_float(dtype, op, [&]<class T> {
                if constexpr (has_partials)
                    if (keeps_partials()) return pull_partials<T>(dy, run);
                pull_fused<T>(dy, run);
            });
        }
    }
    /// The rule itself, with the input's tangent as dy: an elementwise derivative is its own transpose.
    Tensor push(const Forward& run) override {
        Tensor y, total;
        if constexpr (uses_output)
            if (y_) y = rejoin(y_.get(*this), this, modes.grad);
        [&]<int... i>(std::integer_sequence<int, i...>) { (push_one<i>(y, run, total), ...); }
        (each);
        return total.defined() && !(total.shape() == shape) ? broadcast_to(total, shape) : total;
    }
    void inputs(std::vector<Node*>& list) const override {
        for (auto& in : inputs_) list.push_back(in.get());
    }
    void kept(std::vector<Tensor>& list) const override {
        if constexpr (saves_any)
            for (auto& s : saved_) detail::list_kept(s, list);
        if constexpr (uses_output)
            if (y_) list.push_back(y_.values(*this));
        if constexpr (has_partials)
            for (auto& p : partials_)
                if (p.defined()) list.push_back(p);
    }
    void release() override {
        for (auto& in : inputs_) in = {};
        partials_ = {};
        if constexpr (saves_any)
            for (auto& s : saved_) s = {};
        if constexpr (uses_output) y_ = {};
    }

private:
    static constexpr bool saves_any = used_by_all >> 1 & ((1u << n) - 1);

    Tensor saved(int i) const {
        if constexpr (saves_any)
            if (saved_[i]) return saved_[i].get();
        return Tensor();
    }
    /// For rules on tensors. What no derivative uses was not kept, but a derived rule works out values beside
    /// derivatives, so some number has to stand there.
    Tensor operand(int i) const {
        const Tensor x = saved(i);
        return x.defined() ? x : full({}, 0.6180339887498949, dtype);
    }
    template <int i> void push_one(const Tensor& y, const Forward& run, Tensor& total) {
        const Tensor dx = run.of(inputs_[i].get());
        if (!dx.defined()) return;
        [&]<int... k>(std::integer_sequence<int, k...>) {
            detail::add_tangent(total, Tensor(apply_rule(std::get<i>(rules_), dx, y, operand(k)...)));
        }
        (each);
    }
    template <int i> void pull_recorded(const Tensor& dy, Backward& run) {
        if (!run.wants(inputs_[i].get())) return;
        Tensor y;
        if constexpr (uses_output)
            if (y_) y = rejoin(y_.get(*this), this, run.create_graph);
        [&]<int... k>(std::integer_sequence<int, k...>) {
            run.send(inputs_[i].get(), Tensor(apply_rule(std::get<i>(rules_), dy, y, operand(k)...)));
        }
        (each);
    }

    /// Whether a dy that stands for many examples is a grid of one row each, over which all the rest is repeated.
    bool one_row_an_example(const Tensor& dy) const {
        const bool plain = !detail::is_batched(detail::all_examples(dy)) && !expand_ && columns_ == shape.numel();
        return plain && std::ranges::all_of(kind_, [](kernel::Kind k) { return k == kernel::Kind::full; });
    }
    /// What receives the gradient of input i, if it has to be computed; dy itself is sent on at once.
    template <class T> kernel::Sink<T> sink(int i, const Tensor& dy, Backward& run, Tensor& dx) const {
        Node* const input = inputs_[i].get();
        if (!run.wants(input)) return {};
        if (passes(i)) {
            dx = dy;
            return {};
        }
        if (detail::is_batched(dy)) {
            const auto examples = detail::all_examples(dy).shape()[0];
            dx = detail::one_example(Tensor::empty(detail::behind(examples, input->shape), dtype), dy.impl()->level);
            return {detail::all_examples(dx).raw<T>(), kernel::Kind::full};
        }
        if (expand_ >> i & 1) dx = Tensor::sharing(shape, dtype);
        else if (Tensor* sum = kind_[i] == kernel::Kind::full ? run.grown(input) : nullptr)
            return {sum->raw<T>(), kernel::Kind::full, true};
        else dx = Tensor::sharing(input->shape, dtype);
        return {dx.raw<T>(), kind_[i]};
    }
    /// dy as a source: of one example, or of all.
    template <class T> static kernel::Source<T> values_of(const Tensor& dy) {
        return {(detail::is_batched(dy) ? detail::all_examples(dy) : dy).template raw<T>(), kernel::Kind::full};
    }
    /// sources are dy and what the rules need beside it; `rules(index, batches of the sources...)`.
    template <class T, int m, class R>
    void pull_in_one_pass(const R& rules, std::array<kernel::Source<T>, m> sources, const Tensor& dy, Backward& run) {
        std::array<Tensor, n> dx;
        std::array<kernel::Sink<T>, n> out{};
        bool any = false;
        for (int i = 0; i < n; ++i) {
            out[i] = sink<T>(i, dy, run, dx[i]);
            any |= out[i].p != nullptr;
        }
        kernel::Grid grid{columns_ ? shape.numel() / columns_ : 0, columns_};
        if (detail::is_batched(dy)) {
            grid.rows = detail::all_examples(dy).shape()[0];
            for (auto& source : sources)
                if (source.p != sources[0].p) source.kind = kernel::Kind::row;
        }
        if (any) kernel::backward<T, R, m, n>(rules, grid, sources, out);
        for (int i = 0; i < n; ++i)
            if (dx[i].defined()) run.send(inputs_[i].get(), std::move(dx[i]));
    }
    template <class T> void pull_fused(const Tensor& dy, Backward& run) {
        [[maybe_unused]] std::array<Tensor, n> grown;
        std::array<kernel::Source<T>, n + 2> in{};
        in[0] = in[n + 1] = values_of<T>(dy);
        if constexpr (uses_output)
            if (y_) in[n + 1].p = y_.template raw<T>(*this);
        for (int i = 0; i < n; ++i) {
            in[i + 1] = in[0];  // what was not saved is never used, or for an unwanted gradient only
            if constexpr (saves_any) {
                if (!bool(saved_[i])) continue;
                const Tensor* x = &saved_[i].get();
                if (expand_ >> i & 1) x = &(grown[i] = broadcast_to(*x, shape));
                in[i + 1] = {x->template raw<T>(), kind_[i]};
            }
        }
        const auto rules = [this](auto j, Batch<T> g, auto... rest) {
            return this->template fused<decltype(j)::value, T>(g, rest...);
        };
        pull_in_one_pass<T, n + 2>(rules, in, dy, run);
    }
    bool keeps_partials() const {
        return std::ranges::any_of(partials_, [](const Tensor& p) { return p.defined(); });
    }
    template <class T> void pull_partials(const Tensor& dy, Backward& run) {
        std::array<kernel::Source<T>, n + 1> in{};
        in[0] = values_of<T>(dy);
        for (int i = 0; i < n; ++i)
            in[i + 1] =
                partials_[i].defined() ? kernel::Source<T>{partials_[i].template raw<T>(), kernel::Kind::full} : in[0];
        const auto chain = [](auto j, Batch<T> g, auto... partials) { return g * std::array{partials...}[j]; };
        pull_in_one_pass<T, n + 1>(chain, in, dy, run);
    }
    template <int i, class T, class... V> Batch<T> fused(Batch<T> dy, V... rest) const {
        if constexpr (detail::passes_dy<RuleAt<i>, n>) return dy;
        else return [&]<int... k>(std::integer_sequence<int, k...>) {
                const std::array<Batch<T>, n + 1> v{rest...};
                return Batch<T>(apply_rule(std::get<i>(rules_), dy, v[n], v[k]...));
            }
        (each);
    }

public:
    static bool passes(int i) {
        constexpr bool pass[] = {detail::passes_dy<Rules, n>...};
        return pass[i];
    }

private:
    [[no_unique_address]] std::tuple<Rules...> rules_;
    [[no_unique_address]] Partials partials_;
    std::int64_t columns_;  // of the grid that the operands broadcast to
    std::array<kernel::Kind, n> kind_;
    std::uint8_t expand_;
    std::array<Ref<Node>, n> inputs_;
    [[no_unique_address]] std::conditional_t<saves_any, std::array<Saved, n>, Nothing> saved_;
    [[no_unique_address]] std::conditional_t<uses_output, SavedOutput, Nothing> y_;
};

namespace detail {
template <class T, class Value, class... Rules, std::size_t n>
void value_and_partials(const Value& value, const std::tuple<Rules...>& rules, const Tensor& y,
                        const std::array<Tensor, n>& partials, const kernel::Grid& grid,
                        const std::array<kernel::Source<T>, n>& in) {
    const auto all = [&](auto... v) {
        return std::apply(
            [&](const Rules&... rule) {
                return std::array{Batch<T>(value(v...)), Batch<T>(apply_rule(rule, Batch<T>(1), Batch<T>(), v...))...};
            },
            rules);
    };
    std::array<T*, n + 1> out{y.raw<T>()};
    for (std::size_t i = 0; i < n; ++i) out[i + 1] = partials[i].defined() ? partials[i].template raw<T>() : nullptr;
    kernel::forward<T, decltype(all), int(n), int(n) + 1>(all, out, grid, in);
}

template <class Value, class... Rules, class... Xs>
Tensor map_with(const char* op, const Value& value, std::tuple<Rules...> rules, const Xs&... xs) {
    constexpr int n = sizeof...(Xs);
    const std::array<const Tensor*, n> x{&xs...};
    const DType dtype = x[0]->dtype();
    if (!is_float(dtype) || !((xs.dtype() == dtype) && ...)) [[unlikely]] {
        const DType common = float_dtype({xs.dtype()...});
        return map_with(op, value, std::move(rules), static_cast<const Tensor&>(xs.to(common))...);
    }
    if ((is_batched(xs) || ...)) [[unlikely]]
        return batched_map([&](const auto&... all) { return map_with(op, value, rules, all...); }, xs...);
    kernel::Layout<n> layout = kernel::lay_out<n>(op, x);
    Tensor y = Tensor::sharing(std::move(layout.shape), dtype);
    using Step = MapNode<Rules...>;
    const bool recorded = modes.grad && (xs.requires_grad() || ...);
    typename Step::Partials partials;
    // In cache they save computing twice; beyond, reading them back would cost more than that.
    const bool with_partials = recorded && y.numel() * std::int64_t(size_of(dtype)) * n <= partials_in_cache;
    if constexpr (Step::has_partials)
        for (int i = 0; i < n; ++i)
            if (with_partials && x[i]->requires_grad() && !Step::passes(i))
                partials[i] = Tensor::sharing(y.impl()->shape, dtype);
    dispatch_float(dtype, op, [&]<class T> {
        std::array<kernel::Source<T>, n> in;
        [[maybe_unused]] std::array<Tensor, n> grown;
        for (int i = 0; i < n; ++i) {
            const Tensor* t = x[i];
            if (layout.expand >> i & 1) [[unlikely]] {
                NoGrad guard;
                grown[i] = broadcast_to(*t, y.shape());
                t = &grown[i];
            }
            in[i] = {t->template raw<T>(), layout.kind[i]};
        }
        if constexpr (Step::has_partials)
            if (with_partials) return value_and_partials<T>(value, rules, y, partials, layout.grid, in);
        kernel::forward<T, Value, n>(value, y.raw<T>(), layout.grid, in);
    });
    if (modes.anomaly) [[unlikely]]
        expect_finite(op, y, {&xs...});
    if (recorded) {
        auto node = Ref<Node>::adopt(new Step(op, y, layout, x, std::move(rules), std::move(partials)));
        y.impl()->node = std::move(node);
    }
    return y;
}
template <class F>
concept Lambda = !std::is_convertible_v<F, const Tensor&> && !std::is_convertible_v<F, const char*>;
}  // namespace detail

template <detail::Lambda V, detail::Lambda R> Tensor map(const char* op, const Tensor& x, V value, R rule) {
    return detail::map_with(op, value, std::tuple(rule), x);
}
template <detail::Lambda V, detail::Lambda Ra, detail::Lambda Rb>
Tensor map(const char* op, const Tensor& a, const Tensor& b, V value, Ra rule_a, Rb rule_b) {
    return detail::map_with(op, value, std::tuple(rule_a, rule_b), a, b);
}
template <detail::Lambda V, detail::Lambda Ra, detail::Lambda Rb, detail::Lambda Rc>
Tensor map(const char* op, const Tensor& a, const Tensor& b, const Tensor& c, V value, Ra rule_a, Rb rule_b,
           Rc rule_c) {
    return detail::map_with(op, value, std::tuple(rule_a, rule_b, rule_c), a, b, c);
}

namespace detail {
template <class F, class X, int... k>
concept CallableOnAll = std::is_invocable_v<const F&, decltype(X(k))...> &&
    std::convertible_to<std::invoke_result_t<const F&, decltype(X(k))...>, X>;
template <class F, int... k> consteval bool elementwise(std::integer_sequence<int, k...>) {
    return CallableOnAll<F, Batch<float>, k...> && CallableOnAll<F, Batch<double>, k...>;
}
}  // namespace detail
/// A function of n numbers that the compiler can differentiate: a generic lambda of arithmetic and our functions.
template <class F, int n>
concept ElementwiseFunction = detail::elementwise<F>(std::make_integer_sequence<int, n>());

/// f applied elementwise; its derivatives are worked out by the compiler.
template <detail::Lambda F, std::convertible_to<Tensor>... Xs>
requires(sizeof...(Xs) > 0) Tensor map(const char* op, F f, const Xs&... xs) {
    constexpr int n = sizeof...(Xs);
    static_assert(n <= 8, "map: expected at most 8 tensors");
    static_assert(std::is_empty_v<F>,
                  "map: expected no captured variable, as it would get no gradient; pass it as a "
                  "tensor");
    static_assert(ElementwiseFunction<F, n>,
                  "map: expected a generic lambda of one number a tensor, [](auto x, auto y) { return ...; }");
    if constexpr (ElementwiseFunction<F, n>) return [&]<int... i>(std::integer_sequence<int, i...>) {
            return detail::map_with(op, f, std::tuple(DualRule<F, i, n>{f}...), static_cast<const Tensor&>(xs)...);
        }
    (std::make_integer_sequence<int, n>{});
    else return {}; }

template <detail::Lambda F, std::convertible_to<Tensor>... Xs>
requires(sizeof...(Xs) > 0) Tensor map(F f, const Xs&... xs) { return map("map", f, xs...); }

}  // namespace xg
