#include "../layer_table.h"

namespace xg::test {

static const std::vector<Shape> two{{2, 3, 4}, {2, 3, 4}};
static const LayerRows merge{{
    {"Add", "{}", {{2, 3, 4}, {2, 1, 4}, {2, 3, 4}}, {2, 3, 4}, {}, true, false, -2, 2, true},
    {"Subtract", "{}", two, {2, 3, 4}},
    {"Multiply", "{}", two, {2, 3, 4}},
    {"Multiply", "{}", {{2, 4}, {2, 3, 4}}, {2, 3, 4}},
    {"Divide", "{}", two, {2, 3, 4}, {}, true, false, 1, 2},
    {"Average", "{}", two, {2, 3, 4}},
    {"Maximum", "{}", two, {2, 3, 4}},
    {"Minimum", "{}", two, {2, 3, 4}},
    {"Concatenate", "{}", {{2, 3, 4}, {2, 3, 1}}, {2, 3, 5}},
    {"Concatenate", R"({"axis": 1})", {{2, 3}, {2, 1}, {2, 2}}, {2, 6}},
    {"Dot", R"({"axes": 1})", {{3, 4}, {3, 4}}, {3, 1}},
    {"Dot", R"({"axes": [2, 1]})", {{2, 3, 4}, {2, 4, 2}}, {2, 3, 2}, {}, true, false, -2, 2, true},
    {"Dot", R"({"axes": [-1, 1], "normalize": true})", {{2, 3, 4}, {2, 4}}, {2, 3}},
    {"Permute", R"({"dims": [3, 1, 2]})", {{2, 3, 4, 5}}, {2, 5, 3, 4}},
    {"Permute", R"({"dims": [2, 1]})", {{2, 3, 3}}, {2, 3, 3}, {}, true, false, -2, 2, true},
    {"Lambda", R"({"function": "tanh"})", {{2, 3, 4}}, {2, 3, 4}},
    {"Functional",
     R"({"layers": [{"class_name": "Input", "config": {"shape": [5]}, "name": "x"},
                    {"class_name": "Input", "config": {"shape": [5]}, "name": "z"},
                    {"class_name": "Dense", "config": {"units": 3, "activation": "tanh"}, "name": "tower"},
                    {"class_name": "Subtract", "config": {}, "name": "apart"}],
         "inputs": 2,
         "calls": [{"layer": "x", "inputs": []}, {"layer": "z", "inputs": []}, {"layer": "tower", "inputs": [[0, 0]]},
                   {"layer": "tower", "inputs": [[1, 0]]}, {"layer": "apart", "inputs": [[2, 0], [3, 0]]}],
         "outputs": [{"name": "apart", "value": [4, 0]}]})",
     {{4, 5}, {4, 5}},
     {4, 3},
     {"tower.kernel", "tower.bias"}},
}};

}  // namespace xg::test
