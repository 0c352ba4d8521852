#pragma once
// One row per layer and setting; each row gets the whole battery of tests/nn/layer_battery_test.cpp: output shape,
// names of parameters and buffers, gradients of inputs and parameters in training and inference mode, configuration and
// weights there and back, an empty batch, float32 against float64, what becomes of a mask.
#include <string>
#include <vector>
#include "../../xgrad.h"

namespace xg::test {

struct LayerRow {
    std::string name;                     // as registered
    std::string config;                   // its settings as JSON, "{}" for the defaults
    std::vector<Shape> inputs;            // with the batch axis; several for layers of several inputs
    Shape output;                         // for the whole batch
    std::vector<std::string> state = {};  // the paths of parameters, then buffers
    bool differentiable = true;           // whether gradients reach the input
    bool integers = false;                // the input holds integers in [0, 3)
    double low = -2, high = 2;            // inputs are drawn from here
    bool drops_mask = false;              // a mask (batch, steps) does not go on though the output has these axes
    bool still = true;                    // a call in training does not change what the next one is taken at
};
/// A test of one row alone: xgrad_tests "every layer passes the battery" -c '<name> <config>'.
/// `static const LayerRows rows{{ {"Dense", ...}, ... }};` in tests/nn/rows/<kind>_test.cpp adds rows to the table.
struct LayerRows {
    LayerRows(std::vector<LayerRow> rows);
    static const std::vector<LayerRow>& table();
};

}  // namespace xg::test
