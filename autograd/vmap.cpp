#include "vmap.h"
#include <mutex>
#include <set>
#include <string>
#include "batch.h"
#include "node.h"
#include "ops/layout.h"

namespace xg {

namespace {
void say_once(const char* op) {
    static std::mutex lock;
    static std::set<std::string> said;
    const std::lock_guard guard(lock);
    if (said.insert(op).second)
        fmt::print(stderr, "vmap: {} has no rule for many examples at once, so f runs once an example\n", op);
}
struct Inputs {
    Tensors values;  // examples along the first axis
    std::vector<bool> varies;
    std::int64_t examples = -1;

    Inputs(const Tensors& xs, const std::vector<std::optional<int>>& axes) {
        require<std::invalid_argument>(axes.empty() || axes.size() == xs.size(),
                                       "vmap: expected an axis or none for each of {} inputs, got {}", xs.size(),
                                       axes.size());
        for (std::size_t i = 0; i < xs.size(); ++i) {
            const auto axis = axes.empty() ? std::optional(0) : axes[i];
            varies.push_back(axis.has_value());
            if (!axis) {
                values.push_back(xs[i]);
                continue;
            }
            const int along = normalize_axis(*axis, xs[i].rank(), "vmap");
            const auto n = xs[i].shape()[along];
            require(examples < 0 || n == examples, "vmap: expected as many examples in every input, got {} and {}",
                    examples, n);
            examples = n;
            values.push_back(along ? moveaxis(xs[i], along, 0) : xs[i]);
        }
        require<std::invalid_argument>(examples >= 0,
                                       "vmap: expected an axis of examples in at least one input, got none");
    }
    template <class Pick> Tensors each(const Pick& pick) const {
        Tensors out;
        for (std::size_t i = 0; i < values.size(); ++i) out.push_back(varies[i] ? pick(values[i]) : values[i]);
        return out;
    }
};
using Mapped = std::function<Tensors(const Tensors&)>;

Tensors at_once(const Mapped& f, const Inputs& in) {
    const detail::Level running(in.examples);
    const int level = detail::Level::depth();
    Tensors ys = f(in.each([&](const Tensor& x) { return detail::one_example(x, level); }));
    for (Tensor& y : ys) y = detail::for_every_example(y, level);
    return ys;
}
Tensors one_by_one(const Mapped& f, const Inputs& in) {
    std::vector<Tensors> rows;
    for (std::int64_t i = 0; i < in.examples; ++i) {
        Tensors ys = f(in.each([&](const Tensor& x) { return x[i]; }));
        rows.resize(ys.size());
        for (std::size_t k = 0; k < ys.size(); ++k) rows[k].push_back(std::move(ys[k]));
    }
    Tensors ys;
    for (const Tensors& row : rows) ys.push_back(stack(row));
    return ys;
}
}  // namespace

Tensors detail::vmap(const Mapped& f, const Tensors& xs, const VmapOptions& options) {
    const Inputs in(xs, options.in_axes);
    Tensors ys;
    try {
        ys = at_once(f, in);
    } catch (const NoBatchRule& without) {
        require<std::logic_error>(in.examples > 0, "vmap: expected at least one example for {}, got none", without.op);
        say_once(without.op);
        ys = one_by_one(f, in);
    }
    if (options.out_axis)
        for (Tensor& y : ys) y = moveaxis(y, 0, options.out_axis);
    return ys;
}

}  // namespace xg
