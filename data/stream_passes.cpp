// Streams made of passes over others: one after another, by turns, side by side, or from memory.
#include <algorithm>
#include <mutex>
#include "stream_node.h"

namespace xg {

using namespace detail;

namespace {
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
}  // namespace

Stream Stream::repeat(std::int64_t times) const { return Stream(std::make_shared<Repeated>(node_, times)); }
Stream Stream::cache() const {
    auto node = std::make_shared<Cached>(node_);
    node->self = node;
    return Stream(node);
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
