#include <cmath>
#include <functional>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// 1, 2, 3, ...
Tensor counted(const Shape& shape) { return reshape(arange(1, shape.numel() + 1).to(f64), shape); }
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(abs(a - b)).item() : 0;
}
struct Refusal {
    std::function<void()> call;
    const char* text;
};
void check(const std::vector<Refusal>& rows) {
    for (const Refusal& row : rows) CHECK_THROWS_WITH(row.call(), row.text);
}
}  // namespace

TEST_CASE("a convolution slides its kernel without turning it round", "[convolution]") {
    const Tensor x = reshape(tensor<double>({1, 2, 3, 4}), {1, 4, 1}),
                 k = reshape(tensor<double>({1, 10, 100}), {3, 1, 1});
    const auto values = [&](ConvOptions o) { return reshape(conv(x, k, o), {-1}); };
    CHECK(apart(values({}), tensor<double>({321, 432})) == 0);
    CHECK(apart(values({.padding = "same"}), tensor<double>({210, 321, 432, 43})) == 0);
    // Of an odd number of zeros the one more is behind.
    CHECK(apart(values({.strides = 2, .padding = "same"}), tensor<double>({321, 43})) == 0);
    CHECK(apart(values({.padding = "causal"}), tensor<double>({100, 210, 321, 432})) == 0);
    CHECK(apart(values({.padding = "same", .dilation_rate = 2}), tensor<double>({310, 420, 31, 42})) == 0);
}

TEST_CASE("a transposed convolution is the gradient of a convolution", "[convolution]") {
    const Tensor k = counted({3, 2, 2, 4}), dy = counted({1, 3, 2, 4}), x = zeros({1, 6, 4, 2}, f64).require_grad();
    const Tensor y = conv(x, k, {.strides = 2, .padding = "same"});
    CHECK(apart(grad(sum(y * dy), x), conv_transpose(dy, k, {.strides = 2, .padding = "same"})) == 0);
}

TEST_CASE("pooling counts what lies inside, and the first of equal ones", "[convolution]") {
    const Tensor x = reshape(tensor<double>({-3, -5, -5, -4, -7}), {1, 5, 1}).require_grad();
    const auto flat = [](const Tensor& t) { return reshape(t, {-1}); };
    CHECK(apart(flat(max_pool(x, 2)), tensor<double>({-3, -4})) == 0);
    CHECK(apart(flat(max_pool(x, 2, {.padding = "same"})), tensor<double>({-3, -4, -7})) == 0);
    CHECK(apart(flat(average_pool(x, 2, {.padding = "same"})), tensor<double>({-4, -4.5, -7})) == 0);
    CHECK(apart(flat(adaptive_max_pool(x, 2)), tensor<double>({-3, -4})) == 0);
    CHECK(apart(flat(adaptive_average_pool(x, 2)), tensor<double>({-13.0 / 3, -16.0 / 3})) < 1e-15);
    const Tensor level = ones({1, 4, 4, 1}, f64).require_grad(), first = grad(sum(max_pool(level, 2)), level);
    CHECK(apart(reshape(first, {4, 4}), tensor<double>({{1, 0, 1, 0}, {0, 0, 0, 0}, {1, 0, 1, 0}, {0, 0, 0, 0}})) == 0);
    const Tensor broken = reshape(tensor<double>({1, NAN, 2, 3}), {1, 4, 1});
    CHECK(std::isnan(max_pool(broken, 2)(0, 0, 0).item()));
    CHECK(max_pool(broken, 2)(0, 1, 0).item() == 3);
}

TEST_CASE("convolutions of nothing are empty and have gradients of zeros", "[convolution]") {
    for (const DType d : {f32, f64})
        for (const std::int64_t channels : {1, 5, 32}) {
            const Tensor x = zeros({0, 8, 8, channels}, d).require_grad(),
                         k = ones({3, 3, channels, 32}, d).require_grad(), b = zeros({32}, d).require_grad();
            const Tensor y = conv(x, k, b, {.padding = "same"}, {true, true});
            CHECK(y.shape() == Shape({0, 4, 4, 32}));
            const auto [dx, dk, db] = grad(sum(y), {x, k, b});
            CHECK(dx.shape() == x.shape());
            CHECK(max(abs(dk)).item() == 0);
            CHECK(max(abs(db)).item() == 0);
            CHECK(max_pool(x, 2).shape() == Shape({0, 4, 4, channels}));
        }
}

TEST_CASE("convolutions refuse in these words", "[refusals]") {
    const Tensor x = zeros({2, 5, 5, 4}), k = zeros({3, 3, 4, 6}), line = zeros({2, 5, 4});
    check({
        {[&] {
             conv(zeros({2, 3}), k);
         },
         "conv: expected x (batch, one to three spatial axes, channels), got (2, 3)"},
        {[&] { conv(line, k); }, "conv: expected a kernel of 3 axes for x (2, 5, 4), got (3, 3, 4, 6)"},
        {[&] {
             conv(x, zeros({3, 0, 4, 6}));
         },
         "conv: expected a kernel of at least one entry along each axis, got (3, 0, 4, 6)"},
        {[&] { conv(x, k, {.groups = 4}); }, "conv: expected filters divisible by groups, got 6 and 4"},
        {[&] { conv(x, k, {.groups = 2}); },
         "conv: expected a kernel for 4 channels in 2 groups, got x (2, 5, 5, 4) and kernel (3, 3, 4, 6)"},
        {[&] {
             conv(x, k, {.strides = {1, 2, 3}});
         },
         "conv: expected strides to be one number or 2, got (1, 2, 3)"},
        {[&] { conv(x, k, {.dilation_rate = 0}); }, "conv: expected dilation_rate >= 1, got 0"},
        {[&] { conv(x, k, {.padding = "full"}); }, "conv: expected padding valid or same, got \"full\""},
        {[&] { conv(x, k, {.padding = "causal"}); }, "conv: expected padding valid or same, got \"causal\""},
        {[&] {
             conv(line, zeros({2, 4, 1}), {.padding = "full"});
         },
         "conv: expected padding valid, same or causal, got \"full\""},
        {[&] { conv(x, k, {.dilation_rate = 3}); },
         "conv: expected at least 7 entries along each axis for windows of 7, got 5"},
        {[&] { conv(x, k, zeros({4})); }, "conv: expected a bias (6,), got (4,)"},
        {[&] {
             conv(line, zeros({2, 4, 1}), zeros({1}), {}, {.max_pool = true});
         },
         "conv: expected two spatial axes to pool, got 1"},
        {[&] { conv_transpose(x, k); }, "conv_transpose: expected a kernel (window, filters, 4), got (3, 3, 4, 6)"},
        {[&] {
             conv_transpose(x, zeros({3, 3, 6, 4}), {.padding = "causal"});
         },
         "conv_transpose: expected padding valid or same, got \"causal\""},
        {[&] {
             conv_transpose(x, zeros({3, 3, 6, 4}), {.output_padding = 1});
         },
         "conv_transpose: expected an output_padding that leaves 5 windows, got 6"},
        {[&] {
             conv_transpose(zeros({2, 0, 4}), zeros({3, 6, 4}), {.padding = "same"});
         },
         "conv_transpose: expected an output of at least one entry along each axis, got 0"},
        {[&] {
             depthwise_conv(x, zeros({3, 3, 5, 1}));
         },
         "depthwise_conv: expected a kernel (window, 4, multiplier), got (3, 3, 5, 1)"},
        {[&] { max_pool(x, 0); }, "max_pool: expected pool_size >= 1, got 0"},
        {[&] { max_pool(x, 2, {.padding = "causal"}); }, "max_pool: expected padding valid or same, got \"causal\""},
        {[&] { average_pool(x, 6); },
         "average_pool: expected at least 6 entries along each axis for windows of 6, got 5"},
        {[&] {
             adaptive_max_pool(zeros({2, 0, 4}), 2);
         },
         "adaptive_max_pool: expected at least one entry along each axis, got (2, 0, 4)"},
    });
}
