#pragma once
// map("tanh", x, value, rule): an elementwise operation from two generic lambdas. The value is compiled for SIMD
// batches; the rule too, as one fused pass over all inputs, and once more for tensors, for gradients of gradients.
// map(f, xs...): without rules, the compiler derives them (autograd/dual.h).
#include "anomaly.h"
#include "map_node.h"

namespace xg {

namespace detail {
/// The floating type in which operands of these types meet: the widest, float32 if none is floating.
inline DType float_dtype(std::initializer_list<DType> dtypes) {
    DType d = boolean;
    for (DType other : dtypes) d = promote(d, other);
    return is_float(d) ? d : f32;
}

inline constexpr std::int64_t partials_in_cache = 128 << 10;  // bytes

/// One call of an operation on n tensors of one floating dtype, but for what it computes.
template <int n> struct MapCall {
    const std::array<const Tensor*, n>& x;
    kernel::Layout<n> layout;  // its shape goes to y
    Tensor y;
    std::array<Tensor, n> grown = {};  // operands that fit no kind of broadcasting
    bool with_partials;

    MapCall(const char* op, const std::array<const Tensor*, n>& operands, bool recorded)
        : x(operands), layout(kernel::lay_out<n>(op, x)), y(Tensor::sharing(std::move(layout.shape), x[0]->dtype())) {
        // In cache they save computing twice; beyond, reading them back would cost more than that.
        with_partials = recorded && y.numel() * std::int64_t(size_of(y.dtype())) * n <= partials_in_cache;
        if (layout.spread.expand) [[unlikely]]
            for (int i = 0; i < n; ++i)
                if (layout.spread.expand >> i & 1) {
                    NoGrad guard;
                    grown[i] = broadcast_to(*x[i], y.shape());
                }
    }
    template <class T> std::array<kernel::Source<T>, n> sources() const {
        std::array<kernel::Source<T>, n> in;
        for (int i = 0; i < n; ++i)
            in[i] = {(grown[i].defined() ? grown[i] : *x[i]).template raw<T>(), layout.spread.kind[i]};
        return in;
    }
    [[gnu::noinline]] std::array<Tensor, n> partials(unsigned passed) const {
        std::array<Tensor, n> all;
        for (int i = 0; i < n; ++i)
            if (with_partials && x[i]->requires_grad() && !(passed >> i & 1))
                all[i] = Tensor::sharing(y.impl()->shape, y.dtype());
        return all;
    }
};

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
    using Traits = MapTraits<Rules...>;
    using Partials = typename Traits::Base::Partials;
    const bool recorded = modes.grad && (xs.requires_grad() || ...);
    const auto finish = [&](Tensor& y, const kernel::Spread<n>& spread, Partials partials) {
        if (modes.anomaly) [[unlikely]]
            expect_finite(op, y, {&xs...});
        if (recorded)
            y.impl()->node =
                Ref<Node>::adopt(new MapNode<Rules...>(op, y, spread, x, std::move(rules), std::move(partials)));
        return std::move(y);
    };
    // The shortest way for most calls: operands of one shape, whole, on this thread.
    if (x[0]->numel() < kernel::stays_on_caller<double, n> && ((xs.shape() == x[0]->shape()) && ...) &&
        !(Traits::has_partials && recorded)) [[likely]] {
        Tensor y = Tensor::sharing(x[0]->impl()->shape, dtype);
        dispatch_float(dtype, op, [&]<class T> {
            kernel::forward_flat<T>(value, y.raw<T>(), y.numel(), xs.template raw<T>()...);
        });
        return finish(y, {{1, y.numel()}}, {});
    }
    MapCall<n> call(op, x, recorded);
    Partials partials;
    if constexpr (Traits::has_partials) partials = call.partials(Traits::passed);
    dispatch_float(dtype, op, [&]<class T> {
        const auto in = call.template sources<T>();
        const kernel::Grid& grid = call.layout.spread.grid;
        if constexpr (Traits::has_partials)
            if (call.with_partials) return value_and_partials<T>(value, rules, call.y, partials, grid, in);
        kernel::forward<T, Value, n, 1>(value, {call.y.template raw<T>()}, grid, in);
    });
    return finish(call.y, call.layout.spread, std::move(partials));
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
