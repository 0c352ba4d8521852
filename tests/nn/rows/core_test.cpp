#include "../layer_table.h"

namespace xg::test {

static const LayerRows core{{
    {"Dense",
     R"({"units": 3, "activation": {"class_name": "PReLU", "config": {"alpha_initializer": "ones"}}})",
     {{2, 4}},
     {2, 3},
     {"kernel", "bias", "activation.alpha"}},
    {"Dense", R"({"units": 3})", {{4, 5}}, {4, 3}, {"kernel", "bias"}},
    {"Dense", R"({"units": 2, "activation": "tanh", "use_bias": false})", {{2, 3, 4}}, {2, 3, 2}, {"kernel"}},
    {"Activation", R"({"activation": "tanh"})", {{2, 3, 4}}, {2, 3, 4}},
    {"Dropout", R"({"rate": 0.4})", {{2, 3, 4}}, {2, 3, 4}},
    {"Dropout", R"({"rate": 0.4, "noise_shape": [null, 1, null]})", {{2, 3, 4}}, {2, 3, 4}},
    {"Dropout", R"({"rate": 0.4, "seed": 3})", {{4, 5}}, {4, 5}},
    {"ReLU", "{}", {{3, 4}}, {3, 4}},
    {"ReLU", R"({"max_value": 1, "negative_slope": 0.1, "threshold": 0.5})", {{2, 3, 4}}, {2, 3, 4}},
    {"LeakyReLU", "{}", {{3, 4}}, {3, 4}},
    {"ELU", R"({"alpha": 0.7})", {{3, 4}}, {3, 4}},
    {"Softmax", "{}", {{2, 3, 4}}, {2, 3, 4}},
    {"Softmax", R"({"axis": [1, 2]})", {{2, 3, 4}}, {2, 3, 4}},
    {"Identity", "{}", {{2, 3, 4}}, {2, 3, 4}},
    {"Input", R"({"shape": [3, 4]})", {{2, 3, 4}}, {2, 3, 4}},
    {"ActivityRegularization", R"({"l1": 0.1, "l2": 0.2})", {{2, 3, 4}}, {2, 3, 4}},
    {"Flatten", R"({"data_format": "channels_first"})", {{2, 3, 4}}, {2, 12}},
    {"Flatten", "{}", {{2, 3, 4}}, {2, 12}},
    {"Reshape", R"({"target_shape": [4, -1]})", {{2, 3, 4}}, {2, 4, 3}},
    {"Reshape", R"({"target_shape": [3, 2, 2]})", {{2, 3, 4}}, {2, 3, 2, 2}, {}, true, false, -2, 2, true},
    {"Sequential",
     R"({"layers": [{"class_name": "Dense", "config": {"units": 3}}, {"class_name": "Dropout", "config": {"rate": 0.5}},
                    {"name": "out", "class_name": "Dense", "config": {"units": 1}}]})",
     {{4, 5}},
     {4, 1},
     {"0.kernel", "0.bias", "out.kernel", "out.bias"}},
}};

}  // namespace xg::test
