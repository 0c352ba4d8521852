// Examples of a stream put together.
#include <algorithm>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "stream_step.h"

namespace xg {

using namespace detail;

namespace {
Tensors stacked(const std::vector<Tensors>& examples) {
    Tensors out;
    for (std::size_t i = 0; i < examples[0].size(); ++i) {
        std::vector<Tensor> column;
        for (auto& e : examples) {
            require(e.size() == examples[0].size() && e[i].shape() == examples[0][i].shape(),
                    "batch: expected examples of one shape, or padded_batch, got {} and {}", examples[0][i].shape(),
                    e.size() > i ? e[i].shape() : Shape{});
            column.push_back(e[i]);
        }
        out.push_back(stack(column));
    }
    return out;
}
/// Each tensor filled up to the largest extents among the examples.
std::vector<Tensors> padded(std::vector<Tensors> examples, double value) {
    for (std::size_t i = 0; i < examples[0].size(); ++i) {
        Shape largest = examples[0][i].shape();
        for (auto& e : examples) {
            require(e.size() == examples[0].size() && e[i].rank() == largest.rank(),
                    "padded_batch: expected examples of one rank, got {} and {}", largest,
                    e.size() > i ? e[i].shape() : Shape{});
            for (int a = 0; a < largest.rank(); ++a) largest[a] = std::max(largest[a], e[i].shape()[a]);
        }
        for (auto& e : examples) {
            std::vector<Padding> missing;
            for (int a = 0; a < largest.rank(); ++a) missing.push_back({0, largest[a] - e[i].shape()[a]});
            if (!(e[i].shape() == largest)) e[i] = pad(e[i], missing, value);
        }
    }
    return examples;
}

struct Batching {
    std::int64_t n;
    bool drop, pads;
    double value;
};
Recipe batches(Recipe inner, Batching options) {
    return step<Batching>(
        std::move(inner), [=](std::uint64_t) { return options; },
        [](Cursor& from, Batching& b) -> std::optional<Tensors> {
            const NoGrad unrecorded;
            std::vector<Tensors> examples;
            while (std::int64_t(examples.size()) < b.n) {
                auto example = from.next();
                if (!example) break;
                examples.push_back(std::move(*example));
            }
            if (examples.empty() || (b.drop && std::int64_t(examples.size()) < b.n)) return {};
            return stacked(b.pads ? padded(std::move(examples), b.value) : examples);
        },
        [](Cursor& from, Batching& b, std::int64_t n) { from.skip(n * b.n); },
        [](std::int64_t size, const Batching& b) { return (size + (b.drop ? 0 : b.n - 1)) / b.n; });
}
}  // namespace

Stream Stream::batch(std::int64_t n, BatchingOptions options) const {
    require<std::invalid_argument>(n > 0, "batch: expected n > 0, got {}", n);
    return Stream(batches(node_, {n, options.drop_remainder, false, 0}));
}
Stream Stream::padded_batch(std::int64_t n, double value, BatchingOptions options) const {
    require<std::invalid_argument>(n > 0, "padded_batch: expected n > 0, got {}", n);
    return Stream(batches(node_, {n, options.drop_remainder, true, value}));
}
Stream Stream::window(std::int64_t size, std::int64_t shift) const {
    require<std::invalid_argument>(size > 0 && shift > 0, "window: expected size > 0 and shift > 0, got {} and {}",
                                   size, shift);
    struct Window {
        std::size_t size, shift;
        std::vector<Tensors> held = {};
        std::size_t skip = 0;
    };
    return Stream(step<Window>(
        node_,
        [=](std::uint64_t) {
            return Window{std::size_t(size), std::size_t(shift)};
        },
        [](Cursor& from, Window& w) -> std::optional<Tensors> {
            const NoGrad unrecorded;
            while (w.held.size() < w.size || w.skip > 0) {
                auto example = from.next();
                if (!example) return {};
                if (w.skip > 0) --w.skip;
                else w.held.push_back(std::move(*example));
            }
            const Tensors out = stacked(w.held);
            const auto gone = std::min(w.shift, w.held.size());
            w.held.erase(w.held.begin(), w.held.begin() + std::ptrdiff_t(gone));
            w.skip = w.shift - gone;
            return out;
        },
        nullptr,
        [](std::int64_t n, const Window& w) {
            return n < std::int64_t(w.size) ? 0 : (n - std::int64_t(w.size)) / std::int64_t(w.shift) + 1;
        }));
}

}  // namespace xg
