#include "case.h"

namespace xg::golden {

namespace {
std::vector<int> axes(const Json& o) {
    if (!o.contains("axis")) return {-1};
    return o["axis"].is_number() ? std::vector{o["axis"].get<int>()} : o["axis"].get<std::vector<int>>();
}
Tensor activate(const std::string& op, const Tensor& x, const Json& o) {
    const auto number = [&](const char* name, double otherwise) {
        return o.contains(name) && !o[name].is_null() ? o[name].get<double>() : otherwise;
    };
    const auto along = axes(o);
    if (op == "relu")
        return relu(x, {number("negative_slope", 0), number("max_value", INFINITY), number("threshold", 0)});
    if (op == "softmax") return softmax(x, Axes(along.begin(), along.end()));
    if (op == "log_softmax") return log_softmax(x, Axes(along.begin(), along.end()));
    if (op == "sparsemax") return sparsemax(x, along[0]);
    if (op == "glu") return glu(x, along[0]);
    if (op == "gelu" && o.value("approximate", false)) return gelu(x, {.approximate = true});
    if (op == "elu") return elu(x, {number("alpha", 1)});
    if (op == "celu") return celu(x, {number("alpha", 1)});
    if (op == "leaky_relu") return relu(x, {.negative_slope = number("negative_slope", 0.2)});
    if (op == "hard_shrink") return hard_shrink(x, {number("threshold", 0.5)});
    if (op == "soft_shrink") return soft_shrink(x, {number("threshold", 0.5)});
    if (op == "squareplus") return squareplus(x, {number("b", 4)});
    if (op == "threshold") return threshold(x, {number("threshold", 0), number("default_value", 0)});
    if (!o.empty() && op != "gelu") throw Skip{op + " with settings"};
    try {
        return Function(op)(x);
    } catch (const std::invalid_argument& e) { throw Skip{e.what()}; }
}

/// Keras 3.15's sparsemax takes the sum of all partial sums where the last one belongs, so that with more than one
/// entry above 0 it is no distribution: [1, 1, 1, 1] gives zeros, three times -1000 gives 1000 and a third. Its numbers
/// hold where they add up to 1; elsewhere the definition does: max(x - cut, 0) for the cut that makes the sum 1.
void correct_sparsemax(Json& c) {
    const auto first = [](Json& of) -> Json& { return of[of.items().front().first]; };
    const Tensor x = read_tensor(first(c["inputs"])), dy = read_tensor(first(c["cotangents"]));
    const int axis = axes(c["config"])[0];
    const Tensor theirs = read_tensor(first(c["outputs"]));
    const Tensor sound = abs(sum(theirs, axis, {.keepdims = true}) - 1) < 1e-12;
    Tensor low = min(x, axis, {.keepdims = true}) - 1, high = max(x, axis, {.keepdims = true});
    for (int i = 0; i < 200; ++i) {
        const Tensor middle = (low + high) / 2, too_low = sum(maximum(x - middle, 0), axis, {.keepdims = true}) > 1;
        low = where(too_low, middle, low), high = where(too_low, high, middle);
    }
    const Tensor y = maximum(x - high, 0), above = (x > high).to(f64);
    const Tensor dx = above * (dy - sum(above * dy, axis, {.keepdims = true}) / sum(above, axis, {.keepdims = true}));
    const auto put = [&](Json& into, const Tensor& right) {
        const Tensor expected = where(sound, read_tensor(into), right);
        into["data"] = std::vector<double>(expected.raw<double>(), expected.raw<double>() + expected.numel());
    };
    put(first(c["outputs"]), y);
    if (c.contains("grads")) put(first(c["grads"]), dx);
}
}  // namespace

void activation(const Json& given, Comparison& compare) {
    Json c = given;
    if (c.at("op").string() == "sparsemax") correct_sparsemax(c);
    differentiate(c, compare,
                  [&](Inputs& x) { return std::vector{activate(c["op"].string(), x.begin()->second, c["config"])}; });
}

}  // namespace xg::golden
