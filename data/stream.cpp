#include "stream.h"
#include <algorithm>
#include <mutex>
#include "../autograd/node.h"
#include "../autograd/ops/layout.h"
#include "stream_node.h"

namespace xg {

namespace detail {

void Cursor::skip(std::int64_t n) {
    while (n-- > 0 && next()) {}
}

namespace {
/// A cursor over another one, made by a function of it.
template <class State> struct Step : Cursor {
    std::unique_ptr<Cursor> inner;
    State state;
    std::optional<Tensors> (*advance)(Cursor& inner, State& state);
    void (*leave_out)(Cursor& inner, State& state, std::int64_t n);

    std::optional<Tensors> next() override { return advance(*inner, state); }
    void skip(std::int64_t n) override {
        if (leave_out) leave_out(*inner, state, n);
        else Cursor::skip(n);
    }
};
/// A node whose passes are steps: `begin(epoch)` gives what a pass starts with.
template <class State> struct StepNode : StreamNode {
    Recipe inner;
    std::function<State(std::uint64_t)> begin;
    decltype(Step<State>::advance) advance;
    decltype(Step<State>::leave_out) leave_out = nullptr;
    std::int64_t (*count)(std::int64_t inner_size, const State&) = nullptr;  // null: not known before

    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        auto step = std::make_unique<Step<State>>();
        step->inner = inner->start(epoch), step->state = begin(epoch);
        step->advance = advance, step->leave_out = leave_out;
        return step;
    }
    std::int64_t size() const override {
        const auto n = inner->size();
        return n == endless_size ? endless_size : n < 0 || !count ? unknown_size : count(n, begin(0));
    }
};
template <class State> Recipe step(Recipe inner, std::type_identity_t<std::function<State(std::uint64_t)>> begin,
                                   std::type_identity_t<decltype(Step<State>::advance)> advance,
                                   std::type_identity_t<decltype(Step<State>::leave_out)> leave_out = nullptr,
                                   std::type_identity_t<decltype(StepNode<State>::count)> count = nullptr) {
    auto node = std::make_shared<StepNode<State>>();
    node->inner = std::move(inner), node->begin = std::move(begin);
    node->advance = advance, node->leave_out = leave_out, node->count = count;
    return node;
}

/// Random numbers of a key, one after another.
class Draws {
public:
    explicit Draws(RandomKey key = {}) : key_(key) {}
    /// In [0, n).
    std::size_t below(std::size_t n) {
        if (at_ == 32) philox(words_, key_, block_++), at_ = 0;
        const auto bits = std::uint64_t(words_[at_ + 32]) << 32 | words_[at_];
        ++at_;
        __extension__ using Wide = unsigned __int128;
        return std::size_t(static_cast<Wide>(bits) * n >> 64);
    }

private:
    RandomKey key_;
    std::uint32_t words_[64] = {};
    std::uint64_t block_ = 0;
    std::size_t at_ = 32;
};

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

struct Repeated : StreamNode {
    Recipe inner;
    std::int64_t times;
    Repeated(Recipe of, std::int64_t n) : inner(std::move(of)), times(n) {}
    struct Rounds : Cursor {
        Recipe inner;
        std::uint64_t round, last;
        std::unique_ptr<Cursor> now;
        bool any = false;
        Rounds(Recipe of, std::uint64_t first, std::uint64_t end) : inner(std::move(of)), round(first), last(end) {}
        std::optional<Tensors> next() override {
            for (; round != last; ++round, now.reset()) {
                if (!now) now = inner->start(round), any = false;
                if (auto example = now->next()) {
                    any = true;
                    return example;
                }
                if (!any) return {};  // forever nothing
            }
            return {};
        }
        void skip(std::int64_t n) override {
            const auto size = inner->size();
            if (!now && size > 0)
                for (; n >= size && round != last; ++round) n -= size;
            if (now || round == last || size < 0) return Cursor::skip(n);
            now = inner->start(round);
            now->skip(n);
            any = true;
        }
    };
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        if (times < 0) return std::make_unique<Rounds>(inner, 0, ~std::uint64_t(0));
        return std::make_unique<Rounds>(inner, epoch * std::uint64_t(times), (epoch + 1) * std::uint64_t(times));
    }
    std::int64_t size() const override {
        const auto n = inner->size();
        return times < 0 ? endless_size : n < 0 ? n : n * times;
    }
};

struct Cached : StreamNode {
    Recipe inner;
    explicit Cached(Recipe of) : inner(std::move(of)) {}
    mutable std::mutex mutex;
    mutable std::shared_ptr<const std::vector<Tensors>> all_examples;
    struct Filling : Cursor {
        std::shared_ptr<const Cached> node;
        std::unique_ptr<Cursor> inner;
        std::vector<Tensors> seen;
        std::optional<Tensors> next() override {
            auto example = inner->next();
            if (example) seen.push_back(*example);
            else {
                const std::lock_guard lock(node->mutex);
                if (!node->all_examples) node->all_examples = std::make_shared<std::vector<Tensors>>(std::move(seen));
            }
            return example;
        }
    };
    struct Reading : Cursor {
        std::shared_ptr<const std::vector<Tensors>> from;
        std::size_t at = 0;
        std::optional<Tensors> next() override {
            return at < from->size() ? std::optional((*from)[at++]) : std::nullopt;
        }
        void skip(std::int64_t n) override { at = std::min(at + std::size_t(n), from->size()); }
    };
    std::weak_ptr<const Cached> self;
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        const std::lock_guard lock(mutex);
        if (all_examples) {
            auto reading = std::make_unique<Reading>();
            reading->from = all_examples;
            return reading;
        }
        auto filling = std::make_unique<Filling>();
        filling->node = self.lock(), filling->inner = inner->start(epoch);
        return filling;
    }
    std::int64_t size() const override { return inner->size(); }
};

struct Ahead : StreamNode {
    Recipe inner;
    std::function<Tensors(const Tensors&, std::int64_t position, std::uint64_t epoch)> f;
    int workers, ahead;
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        return start_workers(
            inner->start(epoch), [f_ = f, epoch](const Tensors& x, std::int64_t at) { return f_(x, at, epoch); },
            workers, ahead);
    }
    std::int64_t size() const override { return inner->size(); }
};
struct Mapped {
    std::function<Tensors(const Tensors&, std::int64_t, std::uint64_t)> f;
    std::uint64_t epoch;
    std::int64_t at = 0;
};

struct Interleaved : StreamNode {
    Recipe inner;
    std::function<Stream(const Tensors&)> open;
    InterleaveOptions options;
    struct Turns : Cursor {
        const Interleaved& node;
        std::uint64_t epoch;
        std::unique_ptr<Cursor> source;
        std::vector<std::optional<Stream::Pass>> slots;
        std::size_t slot = 0;
        int given = 0;
        bool dry = false;
        Turns(const Interleaved& n, std::uint64_t e)
            : node(n), epoch(e), source(n.inner->start(e)), slots(std::size_t(n.options.cycle)) {}
        std::optional<Tensors> next() override {
            for (std::size_t empty = 0; empty < slots.size(); turn()) {
                auto& now = slots[slot];
                if (!now && !dry) {
                    if (const auto example = source->next()) now.emplace(node.open(*example).pass(epoch));
                    else dry = true;
                }
                ++empty;
                if (!now) continue;
                if (auto example = now->next()) {
                    if (++given == node.options.block) turn();
                    return example;
                }
                now.reset();  // its place is filled when the turn comes round
                empty = 0;
            }
            return {};
        }
        void turn() { slot = (slot + 1) % slots.size(), given = 0; }
    };
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override { return std::make_unique<Turns>(*this, epoch); }
    std::int64_t size() const override { return unknown_size; }
};

struct Zipped : StreamNode {
    Recipe a, b;
    Zipped(Recipe left, Recipe right) : a(std::move(left)), b(std::move(right)) {}
    struct Both : Cursor {
        std::unique_ptr<Cursor> a, b;
        std::optional<Tensors> next() override {
            auto left = a->next();
            auto right = left ? b->next() : std::nullopt;
            if (!right) return {};
            left->insert(left->end(), right->begin(), right->end());
            return left;
        }
        void skip(std::int64_t n) override { a->skip(n), b->skip(n); }
    };
    std::unique_ptr<Cursor> start(std::uint64_t epoch) const override {
        auto both = std::make_unique<Both>();
        both->a = a->start(epoch), both->b = b->start(epoch);
        return both;
    }
    std::int64_t size() const override {
        const auto n = a->size(), m = b->size();
        return n == endless_size ? m : m == endless_size ? n : std::min(n, m);
    }
};

Recipe mapped(Recipe inner, std::function<Tensors(const Tensors&, std::int64_t, std::uint64_t)> f, int workers) {
    require<std::invalid_argument>(workers >= 0, "map: expected workers >= 0, got {}", workers);
    if (workers > 0) {
        auto node = std::make_shared<Ahead>();
        node->inner = std::move(inner), node->f = std::move(f);
        node->workers = workers, node->ahead = 2 * workers;
        return node;
    }
    return step<Mapped>(
        std::move(inner),
        [f](std::uint64_t epoch) {
            return Mapped{f, epoch};
        },
        [](Cursor& from, Mapped& m) -> std::optional<Tensors> {
            const auto example = from.next();
            if (!example) return {};
            return m.f(*example, m.at++, m.epoch);
        },
        [](Cursor& from, Mapped& m, std::int64_t n) { from.skip(n), m.at += n; },
        [](std::int64_t n, const Mapped&) { return n; });
}
}  // namespace
}  // namespace detail

using namespace detail;

Stream::Pass Stream::pass(std::uint64_t epoch) const { return Pass(node_, node_->start(epoch)); }
std::optional<std::int64_t> Stream::size() const {
    const auto n = node_->size();
    return n < 0 ? std::nullopt : std::optional(n);
}
bool Stream::endless() const { return node_->size() == endless_size; }

Stream Stream::map(std::function<Tensors(const Tensors&)> f, MapOptions options) const {
    return Stream(mapped(
        node_, [f](const Tensors& x, std::int64_t, std::uint64_t) { return f(x); }, options.workers));
}
Stream Stream::map(std::function<Tensors(const Tensors&, RandomKey)> f, MapOptions options) const {
    // Apart from the keys that next_key() gives for the same seed.
    const auto seed = options.seed ^ 0x9E3779B97F4A7C15u;
    return Stream(mapped(
        node_,
        [f, seed](const Tensors& x, std::int64_t at, std::uint64_t epoch) {
            return f(x, RandomKey{seed, epoch << 40 | std::uint64_t(at)});
        },
        options.workers));
}
Stream Stream::filter(std::function<bool(const Tensors&)> keep) const {
    using Keep = std::function<bool(const Tensors&)>;
    return Stream(step<Keep>(
        node_, [keep](std::uint64_t) { return keep; },
        [](Cursor& from, Keep& wanted) -> std::optional<Tensors> {
            for (auto example = from.next(); example; example = from.next())
                if (wanted(*example)) return example;
            return {};
        }));
}
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
Stream Stream::shuffle(std::int64_t buffer, ShuffleOptions options) const {
    require<std::invalid_argument>(buffer > 0, "shuffle: expected a buffer > 0, got {}", buffer);
    struct Buffer {
        std::size_t size;
        Draws draws;
        std::vector<Tensors> held = {};
        bool dry = false;
    };
    return Stream(step<Buffer>(
        node_,
        [=](std::uint64_t epoch) {
            return Buffer{std::size_t(buffer), Draws({options.seed, epoch})};
        },
        [](Cursor& from, Buffer& b) -> std::optional<Tensors> {
            while (!b.dry && b.held.size() < b.size) {
                if (auto example = from.next()) b.held.push_back(std::move(*example));
                else b.dry = true;
            }
            if (b.held.empty()) return {};
            std::swap(b.held[b.draws.below(b.held.size())], b.held.back());
            Tensors out = std::move(b.held.back());
            b.held.pop_back();
            return out;
        },
        nullptr, [](std::int64_t n, const Buffer&) { return n; }));
}
Stream Stream::repeat(std::int64_t times) const { return Stream(std::make_shared<Repeated>(node_, times)); }
Stream Stream::cache() const {
    auto node = std::make_shared<Cached>(node_);
    node->self = node;
    return Stream(node);
}
Stream Stream::prefetch(int n) const {
    require<std::invalid_argument>(n > 0, "prefetch: expected n > 0, got {}", n);
    auto node = std::make_shared<Ahead>();
    node->inner = node_, node->workers = 1, node->ahead = n;
    node->f = [](const Tensors& x, std::int64_t, std::uint64_t) { return x; };
    return Stream(node);
}
Stream Stream::shard(std::int64_t count, std::int64_t index) const {
    require<std::invalid_argument>(0 <= index && index < count, "shard: expected 0 <= index < count, got {} of {}",
                                   index, count);
    struct Share {
        std::int64_t count, index;
        bool begun = false;
    };
    return Stream(step<Share>(
        node_,
        [=](std::uint64_t) {
            return Share{count, index};
        },
        [](Cursor& from, Share& s) {
            from.skip(std::exchange(s.begun, true) ? s.count - 1 : s.index);
            return from.next();
        },
        nullptr, [](std::int64_t n, const Share& s) { return (n - s.index + s.count - 1) / s.count; }));
}
Stream Stream::take(std::int64_t n) const {
    require<std::invalid_argument>(n >= 0, "take: expected n >= 0, got {}", n);
    struct Rest {
        std::int64_t left;
    };
    struct Taken : StepNode<Rest> {
        std::int64_t size() const override {
            const auto of = inner->size(), most = begin(0).left;
            return of == endless_size ? most : of < 0 ? unknown_size : std::min(of, most);
        }
    };
    auto node = std::make_shared<Taken>();
    node->inner = node_;
    node->begin = [n](std::uint64_t) { return Rest{n}; };
    node->advance = [](Cursor& from, Rest& rest) { return rest.left-- > 0 ? from.next() : std::nullopt; };
    node->leave_out = [](Cursor& from, Rest& rest, std::int64_t k) {
        from.skip(std::min(k, std::max<std::int64_t>(rest.left, 0)));
        rest.left -= k;
    };
    return Stream(node);
}
Stream Stream::skip(std::int64_t n) const {
    require<std::invalid_argument>(n >= 0, "skip: expected n >= 0, got {}", n);
    struct Left {
        std::int64_t to_skip;
    };
    return Stream(step<Left>(
        node_, [n](std::uint64_t) { return Left{n}; },
        [](Cursor& from, Left& left) {
            from.skip(std::exchange(left.to_skip, 0));
            return from.next();
        },
        [](Cursor& from, Left& left, std::int64_t k) { from.skip(k + std::exchange(left.to_skip, 0)); },
        [](std::int64_t size, const Left& left) { return std::max<std::int64_t>(size - left.to_skip, 0); }));
}
Stream Stream::zip(const Stream& a, const Stream& b) { return Stream(std::make_shared<Zipped>(a.node_, b.node_)); }
Stream Stream::interleave(std::function<Stream(const Tensors&)> open, InterleaveOptions options) const {
    require<std::invalid_argument>(options.cycle > 0 && options.block > 0,
                                   "interleave: expected cycle > 0 and block > 0, got {} and {}", options.cycle,
                                   options.block);
    auto node = std::make_shared<Interleaved>();
    node->inner = node_, node->open = std::move(open), node->options = options;
    return Stream(node);
}

}  // namespace xg
