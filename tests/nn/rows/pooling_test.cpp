#include "../layer_table.h"

namespace xg::test {

static const LayerRows rows{{
    {"MaxPooling1D", "{}", {{2, 5, 2}}, {2, 2, 2}},
    {"MaxPooling2D", R"({"pool_size": [3, 2], "strides": 1, "padding": "same"})", {{2, 4, 3, 2}}, {2, 4, 3, 2}},
    {"MaxPooling2D", R"({"data_format": "channels_first"})", {{2, 2, 5, 4}}, {2, 2, 2, 2}},
    {"MaxPooling3D", R"({"padding": "same"})", {{1, 3, 2, 4, 1}}, {1, 2, 1, 2, 1}},
    {"AveragePooling1D", R"({"pool_size": 3, "strides": 2, "padding": "same"})", {{2, 5, 2}}, {2, 3, 2}},
    {"AveragePooling2D", "{}", {{2, 5, 4, 2}}, {2, 2, 2, 2}},
    {"AveragePooling3D", R"({"pool_size": [1, 2, 2]})", {{1, 2, 3, 4, 1}}, {1, 2, 1, 2, 1}},
    {"GlobalMaxPooling1D", "{}", {{2, 5, 3}}, {2, 3}},
    {"GlobalMaxPooling2D", R"({"keepdims": true})", {{2, 3, 4, 2}}, {2, 1, 1, 2}},
    {"GlobalMaxPooling3D", "{}", {{2, 3, 2, 2, 2}}, {2, 2}},
    {"GlobalAveragePooling1D", R"({"keepdims": true})", {{2, 5, 3}}, {2, 1, 3}},
    {"GlobalAveragePooling2D", "{}", {{2, 3, 4, 2}}, {2, 2}},
    {"GlobalAveragePooling3D", "{}", {{2, 3, 2, 2, 2}}, {2, 2}},
    {"AdaptiveMaxPooling1D", R"({"output_size": 2})", {{2, 5, 2}}, {2, 2, 2}},
    {"AdaptiveMaxPooling2D", R"({"output_size": [2, 1]})", {{1, 5, 4, 2}}, {1, 2, 1, 2}},
    {"AdaptiveMaxPooling3D", R"({"output_size": 2})", {{1, 3, 2, 4, 1}}, {1, 2, 2, 2, 1}},
    {"AdaptiveAveragePooling1D", R"({"output_size": 3})", {{2, 5, 2}}, {2, 3, 2}},
    {"AdaptiveAveragePooling2D", R"({"output_size": [2, 3]})", {{1, 5, 4, 2}}, {1, 2, 3, 2}},
    {"AdaptiveAveragePooling3D", R"({"output_size": [1, 2, 3]})", {{1, 3, 2, 4, 1}}, {1, 1, 2, 3, 1}},
}};

}  // namespace xg::test
