#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Case {
    Shape x, kernel;
    ConvOptions options;
    ConvThen then;
};
/// Every way to compute: Winograd, few channels, oneDNN, loops; sizes that fill no tile; with what follows and without.
const std::vector<Case> cases{
    {{3, 14, 14, 32}, {3, 3, 32, 64}, {.padding = "same"}, {true, true}},
    {{3, 14, 14, 32}, {3, 3, 32, 64}, {.padding = "same"}, {true, false}},
    {{3, 14, 14, 32}, {3, 3, 32, 64}, {.padding = "same"}, {false, true}},
    {{3, 14, 14, 32}, {3, 3, 32, 64}, {.padding = "same"}, {false, false}},
    {{3, 13, 15, 64}, {3, 3, 64, 32}, {}, {true, true}},
    {{9, 7, 9, 48}, {3, 3, 48, 32}, {.padding = "same"}, {true, true}},
    {{2, 33, 28, 32}, {3, 3, 32, 32}, {.padding = "same"}, {true, false}},
    {{1, 3, 3, 32}, {3, 3, 32, 32}, {}, {false, false}},
    {{5, 28, 28, 1}, {3, 3, 1, 32}, {.padding = "same"}, {true, true}},
    {{5, 28, 27, 1}, {5, 5, 1, 48}, {}, {true, true}},
    {{5, 29, 27, 3}, {7, 7, 3, 16}, {.strides = 2, .padding = "same"}, {true, false}},
    {{5, 29, 27, 2}, {3, 5, 2, 16}, {.padding = "same", .dilation_rate = 2}, {false, true}},
    {{5, 9, 3, 4}, {3, 2, 4, 64}, {.strides = {1, 2}, .padding = "same"}, {false, false}},
    {{5, 12, 12, 8}, {5, 5, 8, 16}, {}, {true, true}},
    {{5, 12, 12, 6}, {5, 5, 2, 12}, {.groups = 3}, {true, true}},
    {{17, 12, 12, 20}, {3, 3, 20, 10}, {.strides = 2, .padding = "same"}, {true, false}},
    {{5, 12, 12, 16}, {3, 3, 1, 16}, {.padding = "same", .groups = 16}, {true, false}},
    {{5, 12, 12, 6}, {3, 3, 1, 24}, {.padding = "same", .groups = 6}, {true, false}},
    {{5, 40, 6}, {5, 6, 24}, {.padding = "causal", .dilation_rate = 2}, {true, false}},
    {{5, 6, 7, 8, 6}, {3, 2, 3, 6, 24}, {.padding = "same"}, {true, false}},
};
struct Values {
    Tensor x, kernel, bias;
};
Values draw(const Case& c, std::uint64_t seed) {
    const auto at = [&](std::uint64_t i, const Shape& shape) { return uniform(RandomKey{seed, i}, shape, -1, 1); };
    return {at(0, c.x), at(1, c.kernel), at(2, {c.kernel.back()})};
}
/// y, then the gradients of x, kernel and bias.
Tensors run(const Values& v, DType d, const std::function<Tensor(const Tensor&, const Tensor&, const Tensor&)>& f) {
    const Tensor x = v.x.to(d).detach().require_grad(), k = v.kernel.to(d).detach().require_grad(),
                 b = v.bias.to(d).detach().require_grad();
    const Tensor y = f(x, k, b), dy = uniform(RandomKey{9, 9}, y.shape(), -1, 1);
    const auto [dx, dk, db] = grad(sum(y * dy.to(d)), {x, k, b});
    return {y.detach(), dx, dk, db};
}
Tensors in_one_pass(const Case& c, const Values& v, DType d) {
    return run(v, d,
               [&](const Tensor& x, const Tensor& k, const Tensor& b) { return conv(x, k, b, c.options, c.then); });
}
Tensors step_by_step(const Case& c, const Values& v, DType d) {
    return run(v, d, [&](const Tensor& x, const Tensor& k, const Tensor& b) {
        Tensor y = conv(x, k, c.options) + b;
        if (c.then.relu) y = relu(y);
        return c.then.max_pool ? max_pool(y, 2) : y;
    });
}
double relative(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    const Tensor x = a.to(f64), y = b.to(f64);
    return std::sqrt(sum((x - y) * (x - y)).item() / sum(y * y).item());
}
}  // namespace

TEST_CASE("every way to convolve gives what plain loops in float64 give", "[convolution]") {
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const Values v = draw(cases[i], i);
        const Tensors want = step_by_step(cases[i], v, f64), same = in_one_pass(cases[i], v, f64),
                      got = in_one_pass(cases[i], v, f32);
        for (std::size_t k = 0; k < 4; ++k) {
            INFO("case " << i << ", result " << k);
            CHECK(relative(same[k], want[k]) < 1e-14);
            CHECK(relative(got[k], want[k]) < 4e-6);
        }
    }
}

TEST_CASE("without Winograd, convolutions of many channels round as others do", "[convolution]") {
    const Case& c = cases[0];
    const Values v = draw(c, 0);
    const Tensors want = step_by_step(c, v, f64), winograd = in_one_pass(c, v, f32);
    use_winograd(false);
    const Tensors direct = in_one_pass(c, v, f32);
    use_winograd(true);
    for (std::size_t k = 0; k < 3; ++k) {
        CHECK(relative(direct[k], want[k]) < 5e-7);
        CHECK_FALSE(array_equal(direct[k], winograd[k]));
    }
}

TEST_CASE("convolutions have the same bits for any number of threads", "[convolution][threads]") {
    for (std::size_t i = 0; i < cases.size(); ++i) {
        Case c = cases[i];
        c.x[0] *= 6;  // worth sharing
        const Values v = draw(c, i);
        set_num_threads(1);
        const Tensors alone = in_one_pass(c, v, f32);
        for (const int threads : {2, 4}) {
            set_num_threads(threads);
            const Tensors shared = in_one_pass(c, v, f32);
            for (std::size_t k = 0; k < 4; ++k) {
                INFO("case " << i << ", result " << k << ", threads " << threads);
                CHECK(array_equal(shared[k], alone[k]));
            }
        }
    }
    set_num_threads(0);
}

TEST_CASE("a NaN goes through convolution, relu and pool", "[convolution]") {
    for (const std::int64_t channels : {1, 8, 32}) {
        Tensor x = ones({1, 8, 8, channels});
        x(0, 0, 0, 0) = NAN;
        const Tensor y = conv(x, ones({3, 3, channels, 32}), -ones({32}), {.padding = "same"}, {true, true});
        CHECK(std::isnan(y(0, 0, 0, 0).item()));
    }
}
