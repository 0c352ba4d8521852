#include "../gradient_table.h"

namespace xg::test {

const std::vector<GradientRow>& convolution_rows() {
    const auto conv_row = [](const char* name, ConvOptions options, std::vector<Shapes> shapes, bool ones = true) {
        return GradientRow{name, [options](auto& x) { return conv(x[0], x[1], options); }, std::move(shapes), -2, 2, 0,
                           ones};
    };
    const auto transpose_row = [](const char* name, ConvTransposeOptions options, std::vector<Shapes> shapes,
                                  bool ones = true) {
        return GradientRow{
            name, [options](auto& x) { return conv_transpose(x[0], x[1], options); }, std::move(shapes), -2, 2, 0,
            ones};
    };
    const auto stage_row = [](const char* name, ConvThen then, Shapes shapes) {
        return GradientRow{name,
                           [then](auto& x) { return conv(x[0], x[1], x[2], {.padding = "same"}, then); },
                           {std::move(shapes)},
                           -2,
                           2,
                           0,
                           !then.max_pool};
    };
    static const std::vector<GradientRow> rows{
        conv_row("conv", {},
                 {{{2, 5, 2}, {3, 2, 2}}, {{1, 4, 3, 2}, {2, 3, 2, 2}}, {{1, 3, 2, 3, 1}, {2, 2, 2, 1, 2}}}),
        conv_row("conv with strides", {.strides = {2, 1}, .padding = "same"}, {{{1, 4, 3, 1}, {3, 2, 1, 2}}}),
        conv_row("conv with dilation", {.padding = "same", .dilation_rate = 2}, {{{1, 6, 2}, {3, 2, 1}}}),
        conv_row("conv in groups", {.groups = 2}, {{{1, 4, 4}, {2, 2, 4}}}, false),
        conv_row("conv, causal", {.strides = 2, .padding = "causal"}, {{{2, 5, 2}, {3, 2, 1}}}),
        stage_row("conv with bias", {}, {{1, 3, 2, 2}, {2, 2, 2, 2}, {2}}),
        stage_row("conv with bias along three axes", {}, {{1, 2, 2, 2, 1}, {2, 1, 2, 1, 2}, {2}}),
        stage_row("conv with relu", {.relu = true}, {{1, 5, 2}, {3, 2, 2}, {2}}),
        stage_row("conv with pool", {.max_pool = true}, {{2, 4, 5, 1}, {2, 3, 1, 2}, {2}}),
        stage_row("conv with relu and pool", {.relu = true, .max_pool = true}, {{1, 5, 4, 1}, {3, 2, 1, 2}, {2}}),
        transpose_row("conv_transpose", {}, {{{2, 3, 2}, {3, 1, 2}}, {{1, 2, 3, 2}, {2, 3, 1, 2}}}),
        transpose_row("conv_transpose with strides", {.strides = 2, .padding = "same"}, {{{1, 2, 2, 1}, {3, 3, 2, 1}}}),
        transpose_row("conv_transpose with output_padding",
                      {.strides = {2, 3}, .padding = "same", .output_padding = {1, 1}}, {{{1, 2, 2, 1}, {3, 4, 1, 1}}},
                      false),
        {"depthwise_conv",
         [](auto& x) { return depthwise_conv(x[0], x[1], {.padding = "same"}); },
         {{{1, 4, 3, 2}, {2, 2, 2, 2}}, {{2, 4, 2}, {3, 2, 1}}}},
        {"separable_conv",
         [](auto& x) { return separable_conv(x[0], x[1], x[2]); },
         {{{1, 4, 2}, {2, 2, 2}, {1, 4, 3}}}},
    };
    return rows;
}

const std::vector<GradientRow>& pooling_rows() {
    static const std::vector<GradientRow> rows{
        {"max_pool",
         [](auto& x) { return max_pool(x[0], 2); },
         {{{2, 5, 2}}, {{1, 4, 5, 2}}, {{1, 2, 3, 2, 1}}},
         -2,
         2,
         0.02,
         false},
        {"max_pool with padding",
         [](auto& x) {
             return max_pool(x[0] * x[0], {3, 2}, {.strides = {2, 1}, .padding = "same"});
         },
         {{{1, 4, 3, 2}}},
         0.1,
         2,
         0.02},
        {"max_pool of long windows", [](auto& x) { return max_pool(x[0], 300); }, {{{2, 301, 1}}}, -2, 2, 0.002, false},
        {"average_pool",
         [](auto& x) { return average_pool(x[0] * x[0], 2); },
         {{{2, 5, 2}}, {{1, 4, 5, 2}}, {{1, 2, 3, 2, 1}}},
         -2,
         2,
         0,
         false},
        {"average_pool with padding",
         [](auto& x) {
             return average_pool(x[0] * x[0], {3, 2}, {.strides = {2, 1}, .padding = "same"});
         },
         {{{1, 4, 3, 2}}}},
        {"adaptive_max_pool",
         [](auto& x) {
             return adaptive_max_pool(x[0], {2, 3});
         },
         {{{1, 5, 4, 2}}},
         -2,
         2,
         0.02},
        {"adaptive_average_pool", [](auto& x) { return adaptive_average_pool(x[0] * x[0], 3); }, {{{2, 5, 2}}}},
    };
    return rows;
}

}  // namespace xg::test
