#pragma once
#include <vector>
#include "tensor.h"

namespace xg {

// Philox4x32-10 (Salmon et al. 2011): a number depends on the seed, the stream and its place in the tensor alone, so it
// is the same for any number of threads, and can be drawn again.

/// One draw: the same key gives the same numbers.
struct RandomKey {
    std::uint64_t seed, stream;
};
/// The key of the next random operation: the seed, and a count of the operations since it was set. Threads that draw at
/// the same time share the count: to be reproducible, give each its own keys.
RandomKey next_key();
/// The next key of a stream of its own, whose draws are counted in `calls`.
RandomKey next_key(std::uint64_t seed, std::uint64_t& calls);
/// While it lives, the keys drawn on this thread are those in `keys`, in order; what goes beyond is new and added to
/// them. So what was random can be computed again.
class Redraw {
public:
    [[nodiscard]] explicit Redraw(std::vector<RandomKey>& keys);
    ~Redraw();
    Redraw(const Redraw&) = delete;

private:
    friend RandomKey next_key();
    friend RandomKey next_key(std::uint64_t, std::uint64_t&);
    template <class F> static RandomKey next(const F& fresh);

    std::vector<RandomKey>& keys_;
    std::size_t drawn_ = 0;
    Redraw* outer_;
};
/// All that follows depends on `seed` alone.
void set_seed(std::uint64_t seed);
/// The state to come back to: set_random_state(random_state()) changes nothing.
RandomKey random_state();
void set_random_state(RandomKey state);

/// Uniform in [low, high); 24 random bits for float32, 53 for float64.
Tensor uniform(RandomKey key, const Shape& shape, double low = 0, double high = 1, DType dtype = f32);
/// Normal, by the inverse of its distribution function.
Tensor normal(RandomKey key, const Shape& shape, double mean = 0, double stddev = 1, DType dtype = f32);
/// Normal without what lies more than two standard deviations from the mean.
Tensor truncated_normal(RandomKey key, const Shape& shape, double mean = 0, double stddev = 1, DType dtype = f32);
/// Integers in [low, high), int64; uneven by less than (high - low) / 2^64.
Tensor randint(RandomKey key, const Shape& shape, std::int64_t low, std::int64_t high);
/// true with probability p.
Tensor bernoulli(RandomKey key, const Shape& shape, double p);
/// 0 ... n - 1 in random order, int64.
Tensor permutation(RandomKey key, std::int64_t n);

inline Tensor uniform(const Shape& shape, double low = 0, double high = 1, DType dtype = f32) {
    return uniform(next_key(), shape, low, high, dtype);
}
inline Tensor normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = f32) {
    return normal(next_key(), shape, mean, stddev, dtype);
}
inline Tensor randn(const Shape& shape, DType dtype = f32) { return normal(next_key(), shape, 0, 1, dtype); }
inline Tensor truncated_normal(const Shape& shape, double mean = 0, double stddev = 1, DType dtype = f32) {
    return truncated_normal(next_key(), shape, mean, stddev, dtype);
}
inline Tensor randint(const Shape& shape, std::int64_t low, std::int64_t high) {
    return randint(next_key(), shape, low, high);
}
inline Tensor bernoulli(const Shape& shape, double p) { return bernoulli(next_key(), shape, p); }
inline Tensor permutation(std::int64_t n) { return permutation(next_key(), n); }

namespace detail {
/// Sixty-four words of block `block`: of counters 16 * block ... + 15, first all first words, then all second ones, ...
void philox(std::uint32_t (&out)[64], RandomKey key, std::uint64_t block);
}  // namespace detail

}  // namespace xg
