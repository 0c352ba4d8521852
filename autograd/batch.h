#pragma once
// How operations act inside a vmap. There, a tensor stands for one example; it holds all of them, with one more axis in
// front. A rule calls the operation itself on all examples: `if (is_batched(x)) return batched(x, [&](const Tensor&
// all) { return flip(all, ...); });`. What has no rule throws NoBatchRule, and vmap loops.
#include <algorithm>
#include <optional>
#include "../tensor/kernels/plain.h"
#include "../tensor/tensor.h"

namespace xg::detail {

inline bool is_batched(const Tensor& x) { return x.impl()->level != 0; }
template <class... Xs> int level_of(const Xs&... xs) { return std::max({int(xs.impl()->level)...}); }
/// All examples of x at the innermost level it belongs to: (n, shape...).
Tensor all_examples(const Tensor& x);
/// f(all examples) as one example again.
template <class F> Tensor batched(const Tensor& x, const F& f) {
    return one_example(f(all_examples(x)), x.impl()->level);
}
/// x for an operation on all examples of `level`: (n, 1, ..., shape...) with `rank` axes behind the first; as it is if
/// it belongs to no example, and would broadcast.
Tensor aligned(const Tensor& x, int level, int rank);
/// f of all operands' examples, aligned.
template <class F, class... Xs> Tensor batched_map(const F& f, const Xs&... xs) {
    const int level = level_of(xs...), rank = std::max({xs.rank()...});
    return one_example(f(aligned(xs, level, rank)...), level);
}
/// Elements one by one, unrecorded.
template <Element Out, Element In, class F, std::same_as<Tensor>... Xs>
Tensor plain_map(const char* op, const F& f, const Xs&... xs) {
    if ((is_batched(xs) || ...)) [[unlikely]]
        return batched_map([&](const auto&... all) { return kernel::plain_map<Out, In>(op, f, all...); }, xs...);
    return kernel::plain_map<Out, In>(op, f, xs...);
}
/// (n, shape...).
Shape behind(std::int64_t n, const Shape& shape);
/// (n, shape...), the examples of `level` as an axis; repeated if x belongs to none of them.
Tensor for_every_example(const Tensor& x, int level);
/// The reverse: the first axis is that of `level`, which may lie within others that x belongs to.
Tensor as_example(const Tensor& x, int level);

/// One vmap that is running on this thread.
class Level {
public:
    explicit Level(std::int64_t examples);
    ~Level();
    Level(const Level&) = delete;
    /// How many are running, this one included.
    static int depth();
    /// Tells this one from all others, later ones of the same depth too.
    static std::uint32_t serial();
};
/// The outermost vmap once more, for a rule recorded in it; throws NoBatchRule if another is running by now.
void reopen(std::optional<Level>& level, std::uint32_t serial, std::int64_t examples, const char* op);
/// y as what `node` computed. Inside a vmap the node holds all examples.
Tensor attach(const Tensor& y, Ref<GraphNode> node);
/// x as an example of every vmap that is running: what a gradient is taken with respect to, one by one.
Tensor for_every_level(const Tensor& x);
/// The gradient that one recorded value's rule gave, in the form in which its node holds the input.
Tensor to_all(const Tensor& dx, const Shape& input, bool input_is_batched, int level);

}  // namespace xg::detail
