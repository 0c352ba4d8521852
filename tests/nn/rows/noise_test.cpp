#include "../layer_table.h"

namespace xg::test {

static const LayerRows noise{{
    {"PReLU", "{}", {{3, 4}}, {3, 4}, {"alpha"}},
    {"PReLU",
     R"({"shared_axes": [1, 2], "alpha_initializer": {"class_name": "Constant", "config": {"value": 0.25}}})",
     {{2, 3, 3, 2}},
     {2, 3, 3, 2},
     {"alpha"}},
    {"SpatialDropout1D", R"({"rate": 0.4})", {{2, 3, 4}}, {2, 3, 4}},
    {"SpatialDropout2D", R"({"rate": 0.4, "seed": 3})", {{2, 3, 3, 4}}, {2, 3, 3, 4}},
    {"SpatialDropout3D", R"({"rate": 0.4})", {{2, 2, 3, 2, 4}}, {2, 2, 3, 2, 4}},
    {"GaussianNoise", R"({"stddev": 0.5})", {{3, 4}}, {3, 4}},
    {"GaussianDropout", R"({"rate": 0.4, "seed": 3})", {{2, 3, 4}}, {2, 3, 4}},
    {"AlphaDropout", R"({"rate": 0.4})", {{3, 4}}, {3, 4}},
    {"AlphaDropout", R"({"rate": 0.4, "noise_shape": [3, 1]})", {{3, 4}}, {3, 4}},
}};

}  // namespace xg::test
