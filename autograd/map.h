#pragma once
// map("tanh", x, value, rule): an elementwise operation from two generic lambdas. The value is compiled for SIMD
// batches; the rule too, as one fused pass over all inputs, and once more for tensors, for gradients of gradients.
// map(f, xs...): without rules, the compiler derives them (autograd/dual.h).
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

inline Tensor full_size(const Tensor& x, const Shape& shape, bool expand) {
    return expand ? xg::broadcast_to(x, shape) : x;
}
}  // namespace detail

template <class... Rules> class MapNode final : public Node {
    static constexpr int n = sizeof...(Rules);
    static constexpr auto each = std::make_integer_sequence<int, n>{};
    template <int i> using RuleAt = std::tuple_element_t<i, std::tuple<Rules...>>;
    static constexpr unsigned used_by_all = (detail::uses<Rules, n> | ...);
    static constexpr bool uses_output = used_by_all >> (n + 1) & 1;
    static constexpr bool only_passes = (detail::passes_dy<Rules, n> && ...);

public:
    MapNode(const char* name, const Tensor& y, const kernel::Layout<n>& layout, const std::array<const Tensor*, n>& xs,
            std::tuple<Rules...> rules)
        : Node(name, y),
          rules_(std::move(rules)),
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
            if (needed >> (n + 1) & 1) y_ = Saved(y.detach());
    }

    void pull(const Tensor& dy, Backward& run) override {
        if constexpr (only_passes) {
            for (auto& in : inputs_)
                if (run.wants(in.get())) run.send(in.get(), dy);
        } else if (run.create_graph || detail::is_batched(dy)) {
            [&]<int... i>(std::integer_sequence<int, i...>) { (pull_recorded<i>(dy, run), ...); }
            (each);
        } else {
            dispatch_float(dtype, op, [&]<class T> { pull_fused<T>(dy, run); });
        }
    }
    /// The rule itself, with the input's tangent as dy: an elementwise derivative is its own transpose.
    Tensor push(const Forward& run) override {
        Tensor y, total;
        if constexpr (uses_output)
            if (y_) y = rejoin(y_, this, modes.grad);
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
        if constexpr (uses_output) detail::list_kept(y_, list);
    }
    void release() override {
        for (auto& in : inputs_) in = {};
        if constexpr (saves_any)
            for (auto& s : saved_) s = {};
        if constexpr (uses_output) y_ = {};
    }

private:
    static constexpr bool saves_any = used_by_all >> 1 & ((1u << n) - 1);
    struct Nothing {};

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
            if (y_) y = rejoin(y_, this, run.create_graph);
        [&]<int... k>(std::integer_sequence<int, k...>) {
            run.send(inputs_[i].get(), Tensor(apply_rule(std::get<i>(rules_), dy, y, operand(k)...)));
        }
        (each);
    }

    template <class T> void pull_fused(const Tensor& dy, Backward& run) {
        std::array<Tensor, n> dx, x;
        std::array<kernel::Source<T>, n + 2> in{};
        std::array<kernel::Sink<T>, n> out{};
        in[0] = {dy.raw<T>(), kernel::Kind::full};
        if constexpr (uses_output) in[n + 1] = {y_ ? y_.get().template raw<T>() : dy.raw<T>(), kernel::Kind::full};
        else in[n + 1] = in[0];
        bool any = false;
        for (int i = 0; i < n; ++i) {
            x[i] = saved(i);
            const bool grown = expand_ >> i & 1;
            if (x[i].defined()) {
                x[i] = detail::full_size(x[i], shape, grown);
                in[i + 1] = {x[i].template raw<T>(), kind_[i]};
            } else {
                in[i + 1] = in[0];  // never used, or for an unwanted gradient only
            }
            if (!run.wants(inputs_[i].get())) continue;
            if (passes(i)) {
                dx[i] = dy;
                continue;
            }
            dx[i] = Tensor::empty(grown ? shape : inputs_[i]->shape, dtype);
            out[i] = {dx[i].template raw<T>(), kind_[i]};
            any = true;
        }
        const auto rules = [this](auto j, Batch<T> g, auto... rest) {
            return this->template fused<decltype(j)::value, T>(g, rest...);
        };
        const kernel::Grid grid{columns_ ? shape.numel() / columns_ : 0, columns_};
        if (any) kernel::backward<T, decltype(rules), n + 2, n>(rules, grid, in, out);
        for (int i = 0; i < n; ++i)
            if (dx[i].defined()) run.send(inputs_[i].get(), std::move(dx[i]));
    }
    template <int i, class T, class... V> Batch<T> fused(Batch<T> dy, V... rest) const {
        if constexpr (detail::passes_dy<RuleAt<i>, n>) return dy;
        else return [&]<int... k>(std::integer_sequence<int, k...>) {
                const std::array<Batch<T>, n + 1> v{rest...};
                return Batch<T>(apply_rule(std::get<i>(rules_), dy, v[n], v[k]...));
            }
        (each);
    }
    static bool passes(int i) {
        constexpr bool pass[] = {detail::passes_dy<Rules, n>...};
        return pass[i];
    }

    [[no_unique_address]] std::tuple<Rules...> rules_;
    std::int64_t columns_;  // of the grid that the operands broadcast to
    std::array<kernel::Kind, n> kind_;
    std::uint8_t expand_;
    std::array<Ref<Node>, n> inputs_;
    [[no_unique_address]] std::conditional_t<saves_any, std::array<Saved, n>, Nothing> saved_;
    [[no_unique_address]] std::conditional_t<uses_output, Saved, Nothing> y_;
};

namespace detail {
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
    const kernel::Layout<n> layout = kernel::lay_out<n>(op, x);
    Tensor y = Tensor::empty(layout.shape, dtype);
    dispatch_float(dtype, op, [&]<class T> {
        std::array<kernel::Source<T>, n> in;
        [[maybe_unused]] std::array<Tensor, n> grown;
        for (int i = 0; i < n; ++i) {
            const Tensor* t = x[i];
            if (layout.expand >> i & 1) [[unlikely]] {
                NoGrad guard;
                grown[i] = broadcast_to(*t, layout.shape);
                t = &grown[i];
            }
            in[i] = {t->template raw<T>(), layout.kind[i]};
        }
        kernel::forward<T, Value, n>(value, y.raw<T>(), layout.grid, in);
    });
    if (modes.anomaly) [[unlikely]]
        expect_finite(op, y, {&xs...});
    if (modes.grad && (xs.requires_grad() || ...)) {
        auto node = Ref<Node>::adopt(new MapNode<Rules...>(op, y, layout, x, std::move(rules)));
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

/// f applied elementwise; its derivatives are worked out by the compiler.
template <detail::Lambda F, std::convertible_to<Tensor>... Xs>
requires(sizeof...(Xs) > 0) Tensor map(const char* op, F f, const Xs&... xs) {
    static_assert(std::is_empty_v<F>, "map: a captured variable would get no gradient; pass it as an operand");
    constexpr int n = sizeof...(Xs);
    return [&]<int... i>(std::integer_sequence<int, i...>) {
        return detail::map_with(op, f, std::tuple(DualRule<F, i, n>{f}...), static_cast<const Tensor&>(xs)...);
    }
    (std::make_integer_sequence<int, n>{});
}

template <detail::Lambda F, std::convertible_to<Tensor>... Xs>
requires(sizeof...(Xs) > 0) Tensor map(F f, const Xs&... xs) { return map("map", f, xs...); }

}  // namespace xg
