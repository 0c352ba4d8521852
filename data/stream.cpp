#include "stream.h"
#include <algorithm>
#include "stream_step.h"

namespace xg {

namespace detail {

void Cursor::skip(std::int64_t n) {
    while (n-- > 0 && next()) {}
}

namespace {
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
}  // namespace xg
