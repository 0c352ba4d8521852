#include "batch.h"
#include <atomic>
#include <vector>
#include "ops/layout.h"
#include "ops/reduction.h"
#include "ops/arithmetic.h"

namespace xg::detail {

namespace {
struct Running {
    std::int64_t examples;
    std::uint32_t serial;
};
thread_local std::vector<Running> running;
std::atomic<std::uint32_t> serials{0};
std::int64_t examples_of(int level) { return running[std::size_t(level - 1)].examples; }
}  // namespace

Shape behind(std::int64_t n, const Shape& shape) {
    Shape whole{n};
    for (auto extent : shape) whole.push_back(extent);
    return whole;
}
Level::Level(std::int64_t examples) {
    require<std::invalid_argument>(running.size() < 250, "vmap: expected at most 250 within one another, got more");
    running.push_back({examples, ++serials});
}
Level::~Level() { running.pop_back(); }
int Level::depth() { return int(running.size()); }
std::uint32_t Level::serial() { return running.back().serial; }

void reopen(std::optional<Level>& level, std::uint32_t serial, std::int64_t examples, const char* op) {
    if (running.empty()) level.emplace(examples);
    else if (running[0].serial != serial) no_batch_rule(op);
}
Tensor attach(const Tensor& y, Ref<GraphNode> node) {
    if (!is_batched(y)) {
        y.impl()->node = std::move(node);
        return y;
    }
    const Tensor all = all_examples(y).detach();
    all.impl()->node = std::move(node);
    return one_example(all, y.impl()->level);
}

Tensor all_examples(const Tensor& x) {
    require<std::logic_error>(x.impl()->level <= running.size(),
                              "vmap: expected tensors of a vmap that is running, got one of shape {} that outlived its",
                              x.shape());
    return Tensor(x.impl()->beside);
}
Tensor aligned(const Tensor& x, int level, int rank) {
    if (x.impl()->level != level) return x;
    const Tensor all = all_examples(x);
    if (x.rank() == rank) return all;
    Shape shape{all.shape()[0]};
    for (int a = x.rank(); a < rank; ++a) shape.push_back(1);
    for (auto extent : x.shape()) shape.push_back(extent);
    return reshape(all, shape);
}
Tensor for_every_example(const Tensor& x, int level) {
    if (x.impl()->level == level) return all_examples(x);
    if (x.impl()->level > level)  // (m, n, shape...) -> (n, shape...) inside
        return one_example(moveaxis(for_every_example(all_examples(x), level), 1, 0), x.impl()->level);
    return broadcast_to(x, behind(examples_of(level), x.shape()));
}
namespace {
Tensor for_levels(const Tensor& x, int level) {
    if (level == 0) return x;
    if (x.impl()->level == level) return one_example(for_levels(all_examples(x), level - 1), level);
    const Tensor y = for_levels(x, level - 1);
    return one_example(broadcast_to(y, behind(examples_of(level), y.shape())), level);
}
}  // namespace
Tensor for_every_level(const Tensor& x) { return running.empty() ? x : for_levels(x, int(running.size())); }

Tensor as_example(const Tensor& x, int level) {
    if (x.impl()->level <= level) return one_example(x, level);
    return one_example(as_example(moveaxis(all_examples(x), 1, 0), level), x.impl()->level);
}

namespace {
bool belongs_to(const Tensor& x, int level) {
    return x.impl()->level == level || (x.impl()->level > level && belongs_to(all_examples(x), level));
}
}  // namespace
Tensor to_all(const Tensor& dx, const Shape& input, bool input_is_batched, int level) {
    if (input_is_batched) return for_every_example(sum_to(dx, Shape(input.begin() + 1, input.end())), level);
    const Tensor own = sum_to(dx, input);
    return belongs_to(own, level) ? sum(for_every_example(own, level), 0) : own * double(examples_of(level));
}

}  // namespace xg::detail
