// channels_first: the same numbers with the axes in the other order.
#include <functional>
#include "../../nn/settings.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Row {
    const char *layer, *config;
    Shape input;  // channels last
};
std::shared_ptr<Module> made(const Row& row, const char* data_format) {
    Json config = Json::parse(row.config);
    config["data_format"] = data_format;
    return make_module(row.layer, Config(config));
}
/// Channels to axis `to`, from the end or back to it.
Tensor first(const Tensor& x, int to) { return moveaxis(x, -1, to); }
}  // namespace

TEST_CASE("layers over images give the same with the channels first", "[layers]") {
    const std::vector<Row> rows{
        {"Conv1D", R"({"filters": 3, "kernel_size": 2, "padding": "causal"})", {2, 5, 4}},
        {"Conv2D", R"({"filters": 4, "kernel_size": [3, 2], "groups": 2, "activation": "relu"})", {2, 5, 6, 4}},
        {"Conv3D", R"({"filters": 3, "kernel_size": 2, "strides": 2})", {2, 4, 3, 4, 2}},
        {"Conv1DTranspose", R"({"filters": 3, "kernel_size": 2, "strides": 2})", {2, 5, 4}},
        {"Conv2DTranspose", R"({"filters": 3, "kernel_size": 3, "activation": "tanh"})", {2, 3, 4, 2}},
        {"Conv3DTranspose", R"({"filters": 3, "kernel_size": 2})", {1, 3, 2, 3, 2}},
        {"DepthwiseConv1D", R"({"kernel_size": 3, "depth_multiplier": 2})", {2, 5, 3}},
        {"DepthwiseConv2D", R"({"kernel_size": 3, "padding": "same"})", {2, 4, 5, 3}},
        {"SeparableConv1D", R"({"filters": 2, "kernel_size": 3})", {2, 5, 3}},
        {"SeparableConv2D", R"({"filters": 2, "kernel_size": 3})", {2, 4, 5, 3}},
        {"MaxPooling1D", "{}", {2, 5, 3}},
        {"MaxPooling2D", R"({"pool_size": [3, 2], "strides": 1})", {2, 5, 4, 3}},
        {"AveragePooling2D", R"({"padding": "same"})", {2, 5, 4, 3}},
        {"AveragePooling3D", "{}", {2, 2, 4, 4, 3}},
        {"AdaptiveAveragePooling2D", R"({"output_size": [2, 3]})", {2, 5, 4, 3}},
        {"AdaptiveMaxPooling1D", R"({"output_size": 2})", {2, 5, 3}},
        {"GlobalMaxPooling2D", "{}", {2, 5, 4, 3}},
        {"GlobalAveragePooling3D", R"({"keepdims": true})", {2, 2, 5, 4, 3}},
        {"ZeroPadding2D", R"({"padding": [[1, 0], [2, 3]]})", {2, 3, 4, 2}},
        {"ZeroPadding1D", "{}", {2, 3, 2}},
        {"Cropping3D", R"({"cropping": [[1, 0], [0, 1], [1, 1]]})", {2, 3, 4, 5, 2}},
        {"UpSampling2D", R"({"size": [2, 3], "interpolation": "bilinear"})", {2, 3, 4, 2}},
        {"UpSampling3D", "{}", {1, 2, 3, 2, 2}},
        {"SpatialDropout2D", R"({"rate": 0.5})", {2, 3, 4, 2}},
        {"Flatten", "{}", {2, 3, 4, 2}},
        {"ConvLSTM2D", R"({"filters": 3, "kernel_size": 2, "return_sequences": true})", {2, 3, 4, 5, 2}},
        {"ConvLSTM2D", R"({"filters": 2, "kernel_size": [1, 2], "strides": 2, "padding": "same"})", {2, 3, 4, 5, 2}},
        {"ConvLSTM3D", R"({"filters": 2, "kernel_size": 2})", {1, 2, 2, 3, 2, 2}},
        {"Resizing", R"({"height": 2, "width": 3})", {2, 3, 4, 2}},
        {"CenterCrop", R"({"height": 2, "width": 3})", {2, 3, 4, 2}},
    };
    for (const Row& row : rows) {
        INFO(row.layer << " " << row.config);
        const int axis = std::string(row.layer).starts_with("ConvLSTM") ? 2 : 1;
        const Tensor x = uniform(RandomKey{7, 1}, row.input, -1, 1), moved = first(x, axis);
        const auto last = made(row, "channels_last"), layer = made(row, "channels_first");
        (*last)(x), (*layer)(moved);
        REQUIRE(last->state().size() == layer->state().size());
        for (std::size_t i = 0; i < last->state().size(); ++i)
            Tensor(layer->state()[i].second).assign(last->state()[i].second.detach());
        for (const bool training : {false, true}) {
            const Training mode(training);
            std::vector<RandomKey> keys;
            const auto run = [&](Module& module, const Tensor& in) {
                const Redraw held(keys);
                return module(in).detach();
            };
            const Tensor expected = run(*last, x), y = run(*layer, moved);
            const bool images = expected.rank() > 2 && std::string(row.layer) != "Flatten";
            CHECK(allclose(y, images ? first(expected, expected.rank() == x.rank() ? axis : axis - 1) : expected));
        }
    }
}

TEST_CASE("layers over images refuse what they cannot read, in the order of the axes", "[layers]") {
    Conv2D layer(2, 3, {.data_format = "channels_first"});
    CHECK_THROWS_WITH(layer(ones({2, 3, 4})), "Conv2D: expected input (batch, channels, rows, columns), got (2, 3, 4)");
    layer(ones({1, 3, 5, 6}));
    CHECK_THROWS_WITH(layer(ones({1, 5, 6, 3})), "Conv2D: expected 3 channels, got input (1, 5, 6, 3)");
    CHECK_THROWS_WITH(MaxPooling1D(2)(ones({2, 3})),
                      "MaxPooling1D: expected input (batch, steps, channels), got (2, 3)");
    CHECK_THROWS_WITH(MaxPooling1D(2, {.data_format = "NCW"}),
                      "MaxPooling1D: expected data_format channels_last or channels_first, got \"NCW\"");
    CHECK_THROWS_WITH(Flatten({.data_format = "NCHW"}),
                      "Flatten: expected data_format channels_last or channels_first, got \"NCHW\"");
    CHECK_THROWS_WITH(make_module("ZeroPadding1D", Config(Json{{"padding", 1.5}})),
                      "ZeroPadding1D: expected a whole number, got 1.5 for padding");
    CHECK_THROWS_WITH(make_module("Cropping2D", Config(Json::parse(R"({"cropping": [[1, 2, 3], [1, 1]]})"))),
                      "Cropping2D: expected a number, or two, for each axis, got [[1,2,3],[1,1]] for cropping");
}
