#include "../../optim/each.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("the division by a root stays within 5 ulp in float32", "[optim]") {
    double worst = 0;
    const auto check = [&](float x, float v, double epsilon) {
        const double want = x / (std::sqrt(double(v)) + double(float(epsilon)));
        const double got = over_root(Batch<float>(x), Batch<float>(v), epsilon).lane(3);
        const double ulp = std::ldexp(1.0, std::max(std::ilogb(want), -126) - 23);
        worst = std::max(worst, std::abs(got - want) / ulp);
    };
    for (int i = 0; i < 200'000; ++i) {
        const float v = std::exp2(float(i % 1000) * 0.16f - 80) * (1 + float(i) * 1e-5f);
        check(0.7f + float(i) * 1e-4f, v, i % 3 ? 1e-7 : 1e-8);
    }
    CHECK(worst <= 5);
    const auto lane = [](float x, float v) { return over_root(Batch<float>(x), Batch<float>(v), 1e-7).lane(0); };
    CHECK(lane(2e-7f, 0) == Approx(2));  // a gradient that has always been 0
    CHECK(lane(0, 0) == 0);
    CHECK(lane(1e-7f, 1e-40f) == Approx(1));
    CHECK(std::isnan(lane(1, -1)));
    CHECK(std::isnan(lane(1, std::numeric_limits<float>::quiet_NaN())));
    CHECK(over_root(Batch<double>(3), Batch<double>(4), 1).lane(0) == 1);
}

TEST_CASE("total sums what is there, not the padding", "[optim]") {
    for (std::int64_t n : {1, 15, 16, 4096, 4097, 10'000}) {
        const Tensor x = ones({n}), y = full({n}, 2.0);
        Stretch s{};
        s.size = n, s.value = x.impl()->data, s.slots[0] = y.impl()->data;
        CHECK(total<1>(f32, s, [](auto a, auto b) { return a + b; }) == double(3 * n));
    }
}
