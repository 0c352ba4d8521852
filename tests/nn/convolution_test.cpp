#include <functional>
#include "../../autograd/node.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return max(abs(a - b)).item();
}
struct Refusal {
    std::function<void()> call;
    const char* text;
};
void check(const std::vector<Refusal>& rows) {
    for (const Refusal& row : rows) CHECK_THROWS_WITH(row.call(), row.text);
}
}  // namespace

TEST_CASE("in a Sequential, a convolution with relu takes the max-pool behind it along", "[nn][convolution]") {
    Sequential net{Conv2D(32, 3, {.padding = "same", .activation = relu}), MaxPooling2D(), Conv2D(8, 3), Flatten()};
    const Tensor x = randn({3, 9, 8, 2}), small = randn({3, 6, 6, 2});
    const Tensor first = net(x);  // layer by layer, as nothing is built yet
    const Tensor again = net(x);
    CHECK(array_equal(first, again));
    Sequential fused{Conv2D(4, 3, {.activation = relu}), MaxPooling2D()};
    fused(x);
    CHECK(std::string(node_of(fused(x))->op) == "conv");
    CHECK(fused.children()[0].module->output_shape() == Shape({3, 7, 6, 4}));
    CHECK(std::string(node_of(fused(small))->op) == "max_pool");  // another size: each layer notes its shape first
    CHECK(fused.children()[0].module->output_shape() == Shape({3, 4, 4, 4}));
    CHECK(std::string(node_of(fused(small))->op) == "conv");
    Sequential wider{Conv2D(4, 3, {.activation = relu}), MaxPooling2D(3)};
    wider(x);
    CHECK(std::string(node_of(wider(x))->op) == "max_pool");
    CHECK_THROWS_WITH(fused(randn({3, 9, 8, 1})), "0 (Conv2D): expected 2 channels, got input (3, 9, 8, 1)");
}

TEST_CASE("layers over images are what their operations are", "[nn][convolution]") {
    const Tensor x = randn({2, 6, 5, 3}, f64);
    Conv2D layer(4, {3, 2}, {.strides = 2, .padding = "same", .activation = tanh});
    layer.to(f64);
    const Tensor y = layer(x), kernel = layer.named_parameters()[0].second;
    CHECK(kernel.shape() == Shape({3, 2, 3, 4}));
    CHECK(apart(y, tanh(conv(x, kernel, {.strides = 2, .padding = "same"}))) < 1e-15);
    CHECK(apart(ZeroPadding2D({{1, 0}, {0, 2}})(x), pad(x, {{}, {1, 0}, {0, 2}, {}})) == 0);
    CHECK(apart(Cropping2D({{1, 0}, {0, 2}})(x), x(all, Slice(1), Slice(0, -2))) == 0);
    CHECK(apart(UpSampling2D({2, 3})(x), repeat(repeat(x, 2, 1), 3, 2)) == 0);
    CHECK(apart(GlobalAveragePooling2D()(x), mean(x, {1, 2})) == 0);
}

TEST_CASE("layers over images refuse in these words", "[refusals]") {
    check({
        {[] { Conv2D(0, 3); }, "Conv2D: expected filters > 0, got 0"},
        {[] {
             Conv2D(4, {3, 3, 3});
         },
         "Conv2D: expected kernel_size to be one number or 2, got (3, 3, 3)"},
        {[] { Conv2D({.filters = 4}); }, "Conv2D: expected kernel_size to be one number or 2, got ()"},
        {[] { Conv2D(4, 3, {.padding = "causal"}); }, "Conv2D: expected padding valid or same, got \"causal\""},
        {[] { Conv1D(4, 3, {.padding = "full"}); }, "Conv1D: expected padding valid, same or causal, got \"full\""},
        {[] { Conv2D(4, 3, {.data_format = "NCHW"}); },
         "Conv2D: expected data_format channels_last or channels_first, got \"NCHW\""},
        {[] {
             Conv2D(4, 3, {.strides = 2, .dilation_rate = {1, 2}});
         },
         "Conv2D: expected strides or dilation_rate of 1, got (2, 2) and (1, 2)"},
        {[] { Conv3D(4, 3, {.groups = 3}); }, "Conv3D: expected filters divisible by groups, got 4 and 3"},
        {[] {
             Conv3D(4, 3)(ones({2, 4, 4, 1}));
         },
         "Conv3D: expected input (batch, planes, rows, columns, channels), got (2, 4, 4, 1)"},
        {[] {
             Conv2D(4, 3, {.groups = 2})(ones({2, 4, 4, 3}));
         },
         "Conv2D: expected channels divisible by 2 groups, got input (2, 4, 4, 3)"},
        {[] { Conv2DTranspose(4, 3, {.output_padding = -1}); },
         "Conv2DTranspose: expected output_padding >= 0, got -1"},
        {[] {
             Conv1DTranspose(4, 3)(ones({2, 4, 4, 3}));
         },
         "Conv1DTranspose: expected input (batch, steps, channels), got (2, 4, 4, 3)"},
        {[] { DepthwiseConv2D(3, {.depth_multiplier = 0}); }, "DepthwiseConv2D: expected depth_multiplier > 0, got 0"},
        {[] { SeparableConv2D(0, 3); }, "SeparableConv2D: expected filters and depth_multiplier > 0, got 0 and 1"},
        {[] { MaxPooling2D(0); }, "MaxPooling2D: expected pool_size >= 1, got 0"},
        {[] { AveragePooling1D(2, {.strides = 0}); }, "AveragePooling1D: expected strides >= 1, got 0"},
        {[] {
             MaxPooling1D()(ones({2, 4, 4, 3}));
         },
         "MaxPooling1D: expected input (batch, steps, channels), got (2, 4, 4, 3)"},
        {[] {
             AdaptiveMaxPooling2D({1, 2, 3});
         },
         "AdaptiveMaxPooling2D: expected output_size to be one number or 2, got (1, 2, 3)"},
        {[] {
             ZeroPadding3D({{1, 1}, {1, 1}});
         },
         "ZeroPadding3D: expected padding for one axis or 3, got 2"},
        {[] { Cropping1D(-1); }, "Cropping1D: expected cropping >= 0, got -1 and -1"},
        {[] {
             Cropping1D(2)(ones({2, 4, 1}));
         },
         "Cropping1D: expected more than 4 entries along axis 1 to crop, got input (2, 4, 1)"},
        {[] { UpSampling2D(2, {.interpolation = "cubic"}); },
         "UpSampling2D: expected interpolation nearest, bilinear, bicubic, lanczos3 or lanczos5, got \"cubic\""},
        {[] { UpSampling2D(0); }, "UpSampling2D: expected size >= 1, got 0"},
    });
}
