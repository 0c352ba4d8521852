#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("spatial dropout takes whole channels", "[layers]") {
    set_seed(1);
    const Training mode;
    const Tensor x = ones({50, 4, 5, 20}), y = SpatialDropout2D(0.3)(x), channels = mean(y, {1, 2});
    CHECK(array_equal(broadcast_to(y(all, Slice(0, 1), Slice(0, 1)), x.shape()), y));
    CHECK(mean(channels == 0).item() == Approx(0.3).margin(0.05));
    CHECK(max(y).item() == Approx(1 / 0.7));
    CHECK(SpatialDropout1D(1)(ones({2, 3, 4})).shape() == Shape{2, 3, 4});
    CHECK_THROWS_WITH(SpatialDropout1D(0.5)(x),
                      ContainsSubstring("expected input (batch, steps, channels), got (50, 4, 5, 20)"));
    CHECK_THROWS_WITH(SpatialDropout3D(1.5), "SpatialDropout3D: expected 0 <= rate <= 1, got 1.5");
}
TEST_CASE("dropout draws one number for all along an axis of noise_shape", "[layers]") {
    set_seed(3);
    const Training mode;
    const Tensor x = ones({40, 5, 30}), y = Dropout({.rate = 0.25, .noise_shape = {none, 1, none}})(x);
    CHECK(array_equal(broadcast_to(y(all, Slice(0, 1)), x.shape()), y));
    CHECK(array_equal(logical_or(y == 0, abs(y - 1 / 0.75) < 1e-6), ones(x.shape()) == 1));
    CHECK(mean(y == 0).item() == Approx(0.25).margin(5 * std::sqrt(0.25 * 0.75 / 1200)));
    const Tensor rows = Dropout({.rate = 0.5, .noise_shape = {5, 1}})(x);  // counted from the last axis
    CHECK(array_equal(broadcast_to(rows(Slice(0, 1), all, Slice(0, 1)), x.shape()), rows));
    CHECK_THROWS_WITH(Dropout({.rate = 0.5, .noise_shape = {40, 2, 30}})(x),
                      "Dropout: expected a noise_shape that broadcasts to the input's (40, 5, 30), got [40,2,30]");
    CHECK_THROWS_WITH(
        AlphaDropout({.rate = 0.5, .noise_shape = {1, 40, 5, 30}})(x),
        "AlphaDropout: expected a noise_shape that broadcasts to the input's (40, 5, 30), got [1,40,5,30]");
}
TEST_CASE("noise layers have the means and variances of their papers, and rest outside training", "[layers]") {
    set_seed(2);
    const Tensor x = full({300, 300}, 2, f64), draws = normal({300, 300}, 0, 1, f64);
    const double n = 90000;
    const auto check = [&](const Tensor& y, double expected_mean, double expected_variance) {
        CHECK(mean(y).item() == Approx(expected_mean).margin(5 * std::sqrt(expected_variance / n)));
        CHECK(var(y).item() == Approx(expected_variance).epsilon(0.03));
    };
    {
        const Training mode;
        check(GaussianNoise(0.5)(x), 2, 0.25);
        check(GaussianDropout(0.2)(x), 2, 4 * 0.2 / 0.8);
        check(AlphaDropout(0.3)(draws), 0, 1);
        const Tensor rows = AlphaDropout({.rate = 0.5, .noise_shape = {300, 1}})(draws);
        CHECK(mean(var(rows, 1) < 1e-20).item() == Approx(0.5).margin(0.15));
        GaussianNoise seeded({.stddev = 1, .seed = 5}), again({.stddev = 1, .seed = 5});
        const Tensor first = seeded(x);
        CHECK(array_equal(again(x), first));
        CHECK(!array_equal(seeded(x), first));
    }
    CHECK(array_equal(GaussianNoise(0.5)(x), x));
    CHECK(array_equal(GaussianDropout(0.5)(x), x));
    CHECK(array_equal(AlphaDropout(0.5)(x), x));
    CHECK_THROWS_WITH(GaussianNoise(-1), "GaussianNoise: expected stddev >= 0, got -1");
    CHECK_THROWS_WITH(GaussianDropout(1), "GaussianDropout: expected 0 <= rate < 1, got 1");
    CHECK_THROWS_WITH(AlphaDropout(-0.1), "AlphaDropout: expected 0 <= rate < 1, got -0.1");
}
TEST_CASE("PReLU learns a slope for each entry, or one along shared axes", "[layers]") {
    PReLU layer({.alpha_initializer = "ones", .shared_axes = {1}});
    const Tensor x = tensor({{{-1, 2}, {-3, -4}}}), y = layer(x);
    CHECK(layer.parameters()[0].shape() == Shape{1, 2});
    CHECK(array_equal(y.detach(), x));
    layer.parameters()[0].assign(tensor({{0.5, 0.25}}));
    CHECK(array_equal(layer(x).detach(), tensor({{{-0.5, 2}, {-1.5, -1}}})));
    CHECK_THROWS_WITH(layer(zeros({1, 2, 3})),
                      ContainsSubstring("expected input (batch, ...) for alpha (1, 2), got (1, 2, 3)"));
    CHECK_THROWS_WITH(PReLU({.shared_axes = {0}})(x),
                      ContainsSubstring("expected shared_axes other than the batch's, got 0"));
    CHECK_THROWS_WITH(PReLU({.shared_axes = {3}})(x),
                      ContainsSubstring("shared_axes: expected an axis in [-3, 3), got 3"));
}
TEST_CASE("sparsemax is the nearest point of the simplex", "[layers]") {
    const Tensor x = tensor<double>({{1, 1, 1, 1}, {0.1, 1.1, 0.2, 0.3}, {-1000, -1000, -1000, -1000}, {5, 0, 0, 0}});
    const Tensor nearest =
        tensor<double>({{0.25, 0.25, 0.25, 0.25}, {0, 0.9, 0, 0.1}, {0.25, 0.25, 0.25, 0.25}, {1, 0, 0, 0}});
    CHECK(allclose(sparsemax(x), nearest, {.rtol = 0, .atol = 1e-12}));
    CHECK(allclose(sparsemax(transpose(x), 0), transpose(nearest), {.rtol = 0, .atol = 1e-12}));
    CHECK_THROWS_WITH(glu(x(all, Slice(0, 3))), "glu: expected an even extent along axis -1, got (4, 3)");
    CHECK_THROWS_WITH(celu(x, {.alpha = 0}), "celu: expected alpha other than 0, got 0");
    CHECK_THROWS_WITH(squareplus(x, {.b = -1}), "squareplus: expected b >= 0, got -1");
}
