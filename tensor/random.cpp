#include "random.h"
#include <cmath>
#include <cstring>
#include <utility>
#include "parallel.h"
#include "simd/batch.h"

namespace xg {

namespace {
__extension__ using Wide = unsigned __int128;
std::atomic<std::uint64_t> seed{0}, stream{0};

constexpr std::uint64_t wide(const std::uint32_t (&words)[64], int i) {
    return std::uint64_t(words[i + 32]) << 32 | words[i];
}
constexpr double unit(std::uint64_t bits) { return double(bits >> 11) * 0x1p-53; }

/// out[i] = f(64 random bits) for every element: 32 a block.
template <class T, class F> void fill(T* out, std::int64_t n, RandomKey key, double cost_ns, const F& f) {
    parallel((n + 31) / 32, 32 * cost_ns, [&](std::int64_t first, std::int64_t last) {
        std::uint32_t words[64];
        for (auto block = first; block < last; ++block) {
            detail::philox(words, key, std::uint64_t(block));
            const auto begin = block * 32, count = std::min<std::int64_t>(32, n - begin);
            for (int i = 0; i < count; ++i) out[begin + i] = T(f(wide(words, i)));
        }
    });
}

double horner(double x, std::initializer_list<double> coefficients) {
    double y = 0;
    for (double c : coefficients) y = y * x + c;
    return y;
}
/// The inverse of the normal distribution function to 1e-16 (Wichura 1988, algorithm AS 241, PPND16).
double inverse_normal(double p) {
    const double q = p - 0.5;
    if (std::fabs(q) <= 0.425) {
        const double r = 0.180625 - q * q;
        return q *
               horner(r, {2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
                          4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
                          1.3314166789178437745e2, 3.3871328727963666080}) /
               horner(r, {5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
                          2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
                          4.2313330701600911252e1, 1});
    }
    double r = std::sqrt(-std::log(q < 0 ? p : 1 - p)), x;
    if (r <= 5) {
        r -= 1.6;
        x = horner(r, {7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
                       1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590,
                       1.42343711074968357734}) /
            horner(r, {1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
                       1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
                       2.05319162663775882187, 1});
    } else {
        r -= 5;
        x = horner(r, {2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
                       2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
                       5.46378491116411436990, 6.65790464350110377720}) /
            horner(r, {2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
                       7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
                       5.99832206555887937690e-1, 1});
    }
    return q < 0 ? -x : x;
}
Tensor normal_between(RandomKey key, const Shape& shape, double mean, double stddev, DType dtype, double low,
                      double high) {
    Tensor y = Tensor::empty(shape, dtype);
    dispatch_float(dtype, "normal", [&]<class T> {
        fill(y.raw<T>(), y.numel(), key, 10, [=](std::uint64_t bits) {
            return mean + stddev * inverse_normal(low + (high - low) * (unit(bits) + 0x1p-54));
        });
    });
    return y;
}
}  // namespace

namespace {
constinit thread_local Redraw* redraw = nullptr;
}
Redraw::Redraw(std::vector<RandomKey>& keys) : keys_(keys), outer_(std::exchange(redraw, this)) {}
Redraw::~Redraw() { redraw = outer_; }
template <class F> RandomKey Redraw::next(const F& fresh) {
    Redraw* here = redraw;
    if (!here) return fresh();
    if (here->drawn_ == here->keys_.size()) {
        redraw = here->outer_;  // which may have to draw again what is new here
        here->keys_.push_back(next(fresh));
        redraw = here;
    }
    return here->keys_[here->drawn_++];
}
RandomKey next_key() {
    return Redraw::next([] { return RandomKey{seed.load(), stream.fetch_add(1)}; });
}
RandomKey next_key(std::uint64_t own_seed, std::uint64_t& calls) {
    return Redraw::next([&] { return RandomKey{own_seed, calls++}; });
}
void set_seed(std::uint64_t s) { set_random_state({s, 0}); }
RandomKey random_state() { return {seed.load(), stream.load()}; }
void set_random_state(RandomKey state) {
    seed.store(state.seed);
    stream.store(state.stream);
}

namespace {
typedef std::uint32_t Words __attribute__((vector_size(XG_SIMD_BYTES)));
typedef std::uint64_t Wides __attribute__((vector_size(XG_SIMD_BYTES)));
typedef int Ints __attribute__((vector_size(XG_SIMD_BYTES)));
/// The whole products of the low halves of 64-bit lanes. (GCC would multiply all 64 bits.)
Wides product(Wides a, std::uint32_t m) {
    const Wides factor = std::uint64_t(m) - Wides{};
#if defined(__GNUC__) && !defined(__clang__) && XG_SIMD_BYTES == 64
    typedef long long Longs __attribute__((vector_size(64)));
    return Wides(__builtin_ia32_pmuludq512_mask(Ints(a), Ints(factor), Longs{}, 0xff));
#elif defined(__GNUC__) && !defined(__clang__) && XG_SIMD_BYTES == 32 && defined(__AVX2__)
    return Wides(__builtin_ia32_pmuludq256(Ints(a), Ints(factor)));
#else
    return (a & 0xffffffff) * factor;
#endif
}
/// high and low words of x times m.
void multiply(Words x, std::uint32_t m, Words& high, Words& low) {
    const Wides even = product(Wides(x), m), odd = product(Wides(x) >> 32, m);
    constexpr std::uint64_t upper = 0xffffffff00000000;
    low = Words((even & ~upper) | odd << 32);
    high = Words(even >> 32 | (odd & upper));
}
}  // namespace
void detail::philox(std::uint32_t (&out)[64], RandomKey key, std::uint64_t block) {
    constexpr int n = 16, width = int(sizeof(Words) / 4);
    for (int first = 0; first < n; first += width) {
        // Sixteen counters from a multiple of sixteen on: only their low words differ.
        const std::uint64_t counter = block * n;
        Words a = std::uint32_t(counter) - Words{}, b = std::uint32_t(counter >> 32) - Words{};
        for (int i = 0; i < width; ++i) a[i] += std::uint32_t(first + i);
        Words c = std::uint32_t(key.stream) - Words{}, d = std::uint32_t(key.stream >> 32) - Words{};
        std::uint32_t k0 = std::uint32_t(key.seed), k1 = std::uint32_t(key.seed >> 32);
#pragma GCC unroll 10
        for (int round = 0; round < 10; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
            Words high_a, low_a, high_c, low_c;
            multiply(a, 0xD2511F53u, high_a, low_a);
            multiply(c, 0xCD9E8D57u, high_c, low_c);
            a = high_c ^ b ^ k0;
            c = high_a ^ d ^ k1;
            b = low_c;
            d = low_a;
        }
        for (const auto& [word, values] : {std::pair{0, a}, {1, b}, {2, c}, {3, d}})
            std::memcpy(out + word * n + first, &values, sizeof values);
    }
}

Tensor uniform(RandomKey key, const Shape& shape, double low, double high, DType dtype) {
    require<std::invalid_argument>(low <= high, "uniform: expected low <= high, got {} and {}", low, high);
    Tensor y = Tensor::empty(shape, dtype);
    if (dtype == f64) {
        fill(y.raw<double>(), y.numel(), key, 0.7, [=](std::uint64_t bits) { return low + (high - low) * unit(bits); });
        return y;
    }
    require(dtype == f32, "uniform: expected dtype float32 or float64, got {}", name_of(dtype));
    const float first = float(low), span = float(high - low);
    fill(y.raw<float>(), y.numel(), key, 0.7, [=](std::uint64_t bits) {
        const float v = first + span * (float(bits >> 40) * 0x1p-24f);
        return v < float(high) || span == 0 ? v : std::nextafter(float(high), first);  // rounding must not reach `high`
    });
    return y;
}
Tensor normal(RandomKey key, const Shape& shape, double mean, double stddev, DType dtype) {
    return normal_between(key, shape, mean, stddev, dtype, 0, 1);
}
Tensor truncated_normal(RandomKey key, const Shape& shape, double mean, double stddev, DType dtype) {
    constexpr double below = 0.022750131948179207;  // the part beyond two standard deviations on one side
    return normal_between(key, shape, mean, stddev, dtype, below, 1 - below);
}
Tensor randint(RandomKey key, const Shape& shape, std::int64_t low, std::int64_t high) {
    require<std::invalid_argument>(low < high, "randint: expected low < high, got {} and {}", low, high);
    Tensor y = Tensor::empty(shape, i64);
    const auto span = std::uint64_t(high) - std::uint64_t(low);
    fill(y.raw<std::int64_t>(), y.numel(), key, 0.7, [=](std::uint64_t bits) {
        return std::int64_t(std::uint64_t(low) + std::uint64_t(static_cast<Wide>(bits) * span >> 64));
    });
    return y;
}
Tensor bernoulli(RandomKey key, const Shape& shape, double p) {
    require<std::invalid_argument>(0 <= p && p <= 1, "bernoulli: expected 0 <= p <= 1, got {}", p);
    Tensor y = Tensor::empty(shape, boolean);
    fill(y.raw<bool>(), y.numel(), key, 0.7, [=](std::uint64_t bits) { return unit(bits) < p; });
    return y;
}
Tensor permutation(RandomKey key, std::int64_t n) {
    require<std::invalid_argument>(n >= 0, "permutation: expected n >= 0, got {}", n);
    Tensor order = Tensor::empty({n}, i64), draws = Tensor::empty({n}, i64);
    auto* to = order.raw<std::int64_t>();
    fill(draws.raw<std::int64_t>(), n, key, 0.7, [](std::uint64_t bits) { return std::int64_t(bits); });
    for (std::int64_t i = 0; i < n; ++i) to[i] = i;
    for (std::int64_t i = n - 1; i > 0; --i) {
        const auto bits = std::uint64_t(draws.raw<std::int64_t>()[i]);
        std::swap(to[i], to[std::int64_t(static_cast<Wide>(bits) * std::uint64_t(i + 1) >> 64)]);
    }
    return order;
}

}  // namespace xg
