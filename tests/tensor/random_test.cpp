#include "../../xgrad.h"
#include "../catch.h"
#include <algorithm>
#include <cmath>
using namespace xg;

TEST_CASE("Philox gives the published numbers", "[random]") {
    // Known answers of Random123 for philox4x32, 10 rounds: counter and key of zeros.
    std::uint32_t words[64];
    detail::philox(words, {0, 0}, 0);
    CHECK(words[0] == 0x6627e8d5);
    CHECK(words[16] == 0xe169c58d);
    CHECK(words[32] == 0xbc57ac4c);
    CHECK(words[48] == 0x9b00dbd8);
}

TEST_CASE("random numbers are the same for any number of threads", "[random]") {
    const auto draw = [](int threads) {
        set_num_threads(threads);
        const Tensor x = normal(RandomKey{3, 4}, {100'003});
        return std::vector<float>(x.data<float>().begin(), x.data<float>().end());
    };
    const auto one = draw(1);
    CHECK(draw(2) == one);
    CHECK(draw(7) == one);
    set_num_threads(0);
}

TEST_CASE("a seed starts the same sequence again", "[random]") {
    set_seed(5);
    const float a = randn({3}).raw<float>()[2], b = randn({3}).raw<float>()[2];
    set_seed(5);
    CHECK(randn({3}).raw<float>()[2] == a);
    const RandomKey state = random_state();
    CHECK(randn({3}).raw<float>()[2] == b);
    set_random_state(state);
    CHECK(randn({3}).raw<float>()[2] == b);
    CHECK(a != b);
}

TEST_CASE("draws follow their distributions", "[random]") {
    constexpr int n = 100'000;
    // The largest distance between the drawn and the true distribution function (Kolmogorov and Smirnov): below
    // 1.95 / sqrt(n) with probability 0.999.
    const auto distance = [](const Tensor& x, auto cdf) {
        std::vector<double> v(x.data<double>().begin(), x.data<double>().end());
        std::ranges::sort(v);
        double worst = 0;
        for (std::size_t i = 0; i < v.size(); ++i)
            worst = std::max(worst, std::fabs((double(i) + 0.5) / double(v.size()) - cdf(v[i])));
        return worst;
    };
    const double most = 1.95 / std::sqrt(n);
    CHECK(distance(uniform(RandomKey{1, 1}, {n}, -1, 3, f64), [](double x) { return (x + 1) / 4; }) < most);
    CHECK(distance(normal(RandomKey{1, 2}, {n}, 1, 2, f64),
                   [](double x) { return 0.5 * std::erfc(-(x - 1) / 2 / std::sqrt(2)); }) < most);
    const Tensor cut = truncated_normal(RandomKey{1, 3}, {n}, 0, 1, f64);
    CHECK(distance(cut, [](double x) {
              return (0.5 * std::erfc(-x / std::sqrt(2)) - 0.02275013194817921) / 0.9544997361036416;
          }) < most);
    for (double v : cut.data<double>()) REQUIRE(std::fabs(v) <= 2);
    std::vector<int> count(7);
    const Tensor whole = randint(RandomKey{1, 4}, {n}, -3, 4);
    for (auto v : whole.data<std::int64_t>()) ++count.at(std::size_t(v + 3));
    for (int c : count) CHECK(std::fabs(c - n / 7.0) < 4 * std::sqrt(n / 7.0));
    int yes = 0;
    const Tensor flips = bernoulli(RandomKey{1, 5}, {n}, 0.3);
    for (bool v : flips.data<bool>()) yes += v;
    CHECK(std::fabs(yes - 0.3 * n) < 4 * std::sqrt(0.21 * n));
    const Tensor unit = uniform({n});
    for (float v : unit.data<float>()) REQUIRE((v >= 0 && v < 1));
}

TEST_CASE("a permutation holds every number once", "[random]") {
    const Tensor p = permutation(RandomKey{0, 0}, 1000);
    std::vector<std::int64_t> v(p.data<std::int64_t>().begin(), p.data<std::int64_t>().end());
    CHECK(v[0] != 0);
    std::ranges::sort(v);
    for (int i = 0; i < 1000; ++i) CHECK(v[std::size_t(i)] == i);
}

TEST_CASE("random operations refuse what has no meaning", "[random]") {
    CHECK_THROWS_WITH(uniform({2}, 1, 0), "uniform: expected low <= high, got 1 and 0");
    CHECK_THROWS_WITH(uniform({2}, 0, 1, i64), "uniform: expected dtype float32 or float64, got int64");
    CHECK_THROWS_WITH(randint({2}, 3, 3), "randint: expected low < high, got 3 and 3");
    CHECK_THROWS_WITH(bernoulli({2}, 1.5), "bernoulli: expected 0 <= p <= 1, got 1.5");
    CHECK_THROWS_WITH(permutation(-1), "permutation: expected n >= 0, got -1");
}
