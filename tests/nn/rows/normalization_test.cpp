#include "../layer_table.h"

namespace xg::test {

static const LayerRows normalization{{
    {"BatchNormalization", "{}", {{4, 3}}, {4, 3}, {"gamma", "beta", "moving_mean", "moving_variance"}},
    {"BatchNormalization",
     R"({"axis": 1, "momentum": 0.9, "epsilon": 0.01, "center": false})",
     {{3, 4, 2}},
     {3, 4, 2},
     {"gamma", "moving_mean", "moving_variance"}},
    {"BatchNormalization",
     R"({"scale": false, "beta_initializer": "ones"})",
     {{2, 3, 3, 2}},
     {2, 3, 3, 2},
     {"beta", "moving_mean", "moving_variance"}},
    {"LayerNormalization", "{}", {{4, 5}}, {4, 5}, {"gamma", "beta"}},
    {"LayerNormalization", R"({"axis": [1, 2], "epsilon": 0.01})", {{2, 3, 4}}, {2, 3, 4}, {"gamma", "beta"}},
    {"LayerNormalization", R"({"axis": [1, -1], "epsilon": 0.01})", {{2, 3, 4}}, {2, 3, 4}, {"gamma", "beta"}},
    {"LayerNormalization", R"({"center": false, "scale": false, "epsilon": 0.1})", {{2, 3, 4}}, {2, 3, 4}},
    {"GroupNormalization", R"({"groups": 2, "epsilon": 0.1})", {{2, 3, 4}}, {2, 3, 4}, {"gamma", "beta"}},
    {"GroupNormalization", R"({"groups": -1, "epsilon": 0.1})", {{2, 3, 3, 2}}, {2, 3, 3, 2}, {"gamma", "beta"}},
    {"GroupNormalization",
     R"({"groups": 2, "axis": 1, "center": false, "epsilon": 0.1})",
     {{2, 4, 3}},
     {2, 4, 3},
     {"gamma"}},
    {"RMSNormalization", "{}", {{2, 3, 4}}, {2, 3, 4}, {"scale"}},
    {"RMSNormalization", R"({"axis": [1, 2], "epsilon": 0.1})", {{2, 3, 4}}, {2, 3, 4}, {"scale"}},
    {"UnitNormalization", "{}", {{3, 4}}, {3, 4}},
    {"UnitNormalization", R"({"axis": [1, 2]})", {{2, 3, 4}}, {2, 3, 4}},
    {.name = "SpectralNormalization",
     .config = R"({"power_iterations": 2, "layer": {"class_name": "Dense", "config": {"units": 3}}})",
     .inputs = {{2, 4}},
     .output = {2, 3},
     .state = {"layer.kernel", "layer.bias", "vector_u"},
     .still = false},
}};

}  // namespace xg::test
