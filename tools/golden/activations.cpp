#include "case.h"

namespace xg::golden {

void activation(const json& c, Comparison& compare) {
    const std::string op = c.at("op");
    const json& o = c.at("config");
    const auto f = [&](const Tensor& x) -> Tensor {
        if (op == "relu")
            return relu(x,
                        {o.value("negative_slope", 0.0),
                         o.contains("max_value") && !o["max_value"].is_null() ? o["max_value"].get<double>() : INFINITY,
                         o.value("threshold", 0.0)});
        if (op == "softmax" || op == "log_softmax") {
            std::vector<int> axes{-1};
            if (o.contains("axis"))
                axes = o["axis"].is_number() ? std::vector{o["axis"].get<int>()} : o["axis"].get<std::vector<int>>();
            const Axes along(axes.begin(), axes.end());
            return op == "softmax" ? softmax(x, along) : log_softmax(x, along);
        }
        if (op == "gelu" && o.value("approximate", false)) return gelu(x, {.approximate = true});
        if (op == "elu") return elu(x, {o.value("alpha", 1.0)});
        if (op == "leaky_relu") return relu(x, {.negative_slope = o.value("negative_slope", 0.2)});
        if (!o.empty()) throw Skip{op + " with settings"};
        try {
            return Function(op)(x);
        } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
    };
    differentiate(c, compare, [&](Inputs& x) { return std::vector{f(x.begin()->second)}; });
}

}  // namespace xg::golden
