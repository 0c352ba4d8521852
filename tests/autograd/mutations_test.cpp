// The score of the gradient checker: deliberately wrong rules that it must catch, and right ones that it must accept.
#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
#include "gradient_table.h"
using namespace xg;
using namespace xg::test;

namespace {
using PlantedRule = Tensors (*)(const Inputs& x, const Tensor& dy);
/// A value with a rule of our choice.
Tensor planted(const Tensor& value, const Inputs& x, const std::function<Tensors(const Tensor&)>& rule) {
    return record(
        "planted", [&] { return Tensors{value.detach()}; }, x, [rule](const Tensors& dy) { return rule(dy[0]); })[0];
}
struct Mutation {
    const char* what;
    Tensor (*value)(const Inputs& x);
    PlantedRule rule;
    Shapes shapes;
    int order = 1;
};
Tensor with_entry(const Tensor& x, std::int64_t at, double value) {
    Tensor y = x.detach().copy();
    y.mutable_data<double>()[std::size_t(at)] = value;
    return y;
}
Tensor ramp(std::int64_t rows, std::int64_t columns) {
    return reshape(sin(arange(rows * columns).to(f64)), {rows, columns});
}
/// The gradient of rows 1, 1, 2 of three, each written instead of added.
Tensor scatter_once(const Tensor& dy) { return stack({zeros({2}, f64), Tensor(dy[1]), Tensor(dy[2])}); }
int calls = 0;

const std::vector<Mutation>& mutations() {
    static const std::vector<Mutation> list{
        {"sign",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{-dy * cos(x[0])}; },
         {{7}}},
        {"sign of one operand",
         [](const Inputs& x) -> Tensor { return x[0] - x[1]; },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{dy, dy};
         },
         {{7}, {7}}},
        {"factor 2",
         [](const Inputs& x) -> Tensor { return x[0] * x[0]; },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * x[0]}; },
         {{7}}},
        {"scale forgotten",
         [](const Inputs& x) -> Tensor { return 0.1 * x[0]; },
         [](const Inputs&, const Tensor& dy) { return Tensors{dy}; },
         {{7}}},
        {"1 / n forgotten",
         [](const Inputs& x) -> Tensor { return mean(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{broadcast_to(dy, x[0].shape())}; },
         {{7}}},
        {"transposed factor",
         [](const Inputs& x) -> Tensor { return matmul(x[0], x[1]); },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{matmul(dy, x[1]), matmul(x[0], dy, {.transpose_a = true})};
         },
         {{4, 4}, {4, 4}}},
        {"factors in the wrong order",
         [](const Inputs& x) -> Tensor { return matmul(x[0], x[1]); },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{matmul(dy, x[1], {.transpose_b = true}), matmul(dy, x[0], {.transpose_a = true})};
         },
         {{4, 4}, {4, 4}}},
        {"operands swapped",
         [](const Inputs& x) -> Tensor { return x[0] * x[1]; },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{dy * x[0], dy * x[1]};
         },
         {{7}, {7}}},
        {"broadcast averaged instead of summed",
         [](const Inputs& x) -> Tensor { return x[0] + x[1]; },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{dy, mean(dy, 0)};
         },
         {{5, 3}, {3}}},
        {"broadcast not summed but its first row",
         [](const Inputs& x) -> Tensor { return x[0] * x[1]; },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{dy * x[1], (dy * x[0])[0]};
         },
         {{5, 3}, {3}}},
        {"last row dropped",
         [](const Inputs& x) -> Tensor { return 2 * x[0]; },
         [](const Inputs&, const Tensor& dy) { return Tensors{2 * dy * expand_dims((arange(4) < 3).to(f64), 1)}; },
         {{4, 4}}},
        {"one entry of a small linear map",
         [](const Inputs& x) -> Tensor { return matmul(x[0], ramp(16, 16)); },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{matmul(with_entry(dy, 3, 0), ramp(16, 16), {.transpose_b = true})};
         },
         {{2, 16}}},
        {"first entry of many",
         [](const Inputs& x) -> Tensor { return sum(x[0] * x[0], 1); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{with_entry(2 * x[0] * expand_dims(dy, 1), 0, 0)}; },
         {{300, 70}}},
        {"last entry of many",
         [](const Inputs& x) -> Tensor { return sum(x[0] * x[0], 1); },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{with_entry(2 * x[0] * expand_dims(dy, 1), 300 * 70 - 1, 0)};
         },
         {{300, 70}}},
        {"a corner entry of many",
         [](const Inputs& x) -> Tensor { return sum(x[0] * x[0], 1); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{with_entry(2 * x[0] * expand_dims(dy, 1), 69, 0)}; },
         {{300, 70}}},
        {"one entry in the middle of many",
         [](const Inputs& x) -> Tensor { return sum(x[0] * x[0], 1); },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{with_entry(2 * x[0] * expand_dims(dy, 1), 12'345, 0)};
         },
         {{300, 70}}},
        {"a saved value gone stale",
         [](const Inputs& x) -> Tensor { return exp(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * exp(x[0] - 1e-4)}; },
         {{7}}},
        {"the input saved instead of the output",
         [](const Inputs& x) -> Tensor { return tanh(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * (1 - x[0] * x[0])}; },
         {{7}}},
        {"an accumulation lost",
         [](const Inputs& x) -> Tensor { return x[0] * x[0] + sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * cos(x[0])}; },
         {{7}}},
        {"wrong for size 1 only",
         [](const Inputs& x) -> Tensor { return 3 * x[0]; },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * (x[0].numel() == 1 ? 2 : 3)}; },
         {{1}}},
        {"wrong in the second order only: constant",
         [](const Inputs& x) -> Tensor { return x[0] * x[0] * x[0]; },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * (3 * x[0] * x[0]).detach()}; },
         {{7}},
         2},
        {"wrong in the second order only: half",
         [](const Inputs& x) -> Tensor { return x[0] * x[0] * x[0]; },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * 3 * x[0] * x[0].detach()}; },
         {{7}},
         2},
        {"dy cut off from the graph",
         [](const Inputs& x) -> Tensor { return x[0] * x[0]; },
         [](const Inputs& x, const Tensor& dy) { return Tensors{2 * x[0] * dy.detach() + 0 * dy}; },
         {{7}}},
        {"off by one",
         [](const Inputs& x) -> Tensor { return 2 * x[0]; },
         [](const Inputs&, const Tensor& dy) { return Tensors{2 * roll(dy, 1, 0)}; },
         {{7}}},
        {"wrong axis",
         [](const Inputs& x) -> Tensor { return sum(x[0] * x[0], 1); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{2 * x[0] * expand_dims(dy, 0)}; },
         {{4, 4}}},
        {"not linear in dy",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * dy * cos(x[0])}; },
         {{7}}},
        {"dy ignored",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor&) { return Tensors{cos(x[0])}; },
         {{7}}},
        {"NaN in one entry",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{with_entry(dy * cos(x[0]), 2, NAN)}; },
         {{7}}},
        {"rounded to float32",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{(dy * cos(x[0])).to(f32).to(f64)}; },
         {{7}}},
        {"off by a ten-thousandth",
         [](const Inputs& x) -> Tensor { return exp(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * exp(x[0]) * 1.0001}; },
         {{7}}},
        {"off by a hundred-thousandth",
         [](const Inputs& x) -> Tensor { return exp(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * exp(x[0]) * 1.00001}; },
         {{7}}},
        {"wrong below 0 only",
         [](const Inputs& x) -> Tensor { return abs(x[0]); },
         [](const Inputs&, const Tensor& dy) { return Tensors{dy}; },
         {{7}}},
        {"passes beyond its bounds",
         [](const Inputs& x) -> Tensor { return clip(x[0], -1, 1); },
         [](const Inputs&, const Tensor& dy) { return Tensors{dy}; },
         {{7}}},
        {"softmax without its sum",
         [](const Inputs& x) -> Tensor { return softmax(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * softmax(x[0])}; },
         {{4, 4}}},
        {"logsumexp without its share",
         [](const Inputs& x) -> Tensor { return logsumexp(x[0], 1); },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{broadcast_to(expand_dims(dy, 1), {4, 4}) / 4};
         },
         {{4, 4}}},
        {"n instead of n - 1",
         [](const Inputs& x) -> Tensor { return var(x[0], all, {.correction = 1}); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * 2 * (x[0] - mean(x[0])) / 7.0}; },
         {{7}}},
        {"the winner's gradient to all",
         [](const Inputs& x) -> Tensor { return max(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{broadcast_to(dy, x[0].shape())}; },
         {{7}}},
        {"divisor not squared",
         [](const Inputs& x) -> Tensor { return x[0] / (4 + x[1]); },
         [](const Inputs& x, const Tensor& dy) {
             return Tensors{dy / (4 + x[1]), -dy * x[0] / (4 + x[1])};
         },
         {{7}, {7}}},
        {"exponent not lowered",
         [](const Inputs& x) -> Tensor { return pow(x[0], 3); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{3 * dy * pow(x[0], 3)}; },
         {{7}}},
        {"1 - y instead of 1 - y^2",
         [](const Inputs& x) -> Tensor { return tanh(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * (1 - tanh(x[0]))}; },
         {{7}}},
        {"cumsum not turned round",
         [](const Inputs& x) -> Tensor { return cumsum(x[0], 0); },
         [](const Inputs&, const Tensor& dy) { return Tensors{cumsum(dy, 0)}; },
         {{7}}},
        {"permutation not inverted",
         [](const Inputs& x) -> Tensor {
             return transpose(x[0], {1, 2, 0});
         },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{transpose(dy, {1, 2, 0})};
         },
         {{3, 3, 3}}},
        {"repeated rows overwritten",
         [](const Inputs& x) -> Tensor {
             return take(x[0], tensor<std::int64_t>({1, 1, 2}));
         },
         [](const Inputs&, const Tensor& dy) { return Tensors{scatter_once(dy)}; },
         {{3, 2}}},
        {"not the same twice",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{dy * cos(x[0]) * (1 + 1e-3 * ++calls)}; },
         {{7}}},
        {"a gradient of another dtype",
         [](const Inputs& x) -> Tensor { return sin(x[0]); },
         [](const Inputs& x, const Tensor& dy) { return Tensors{(dy * cos(x[0])).to(f32)}; },
         {{7}}},
        {"another mask in backward",
         [](const Inputs& x) -> Tensor {
             return dropout(x[0], 0.5, {1, 1});
         },
         [](const Inputs&, const Tensor& dy) {
             return Tensors{dropout(dy, 0.5, {1, 2})};
         },
         {{40}}},
    };
    return list;
}

/// Every 3 x 3 window of an image times a kernel; value and gradients by plain loops, with an error if asked for.
enum class Slip { none, corner, not_flipped };
template <Slip slip> Tensor windows(const Inputs& x) {
    const Tensor image = x[0].detach(), kernel = x[1].detach();
    const auto h = image.shape()[0] - 2, w = image.shape()[1] - 2;
    const auto each = [h, w](auto&& body) {
        for (std::int64_t o = 0; o < h * w; ++o)
            for (std::int64_t k = 0; k < 9; ++k) body(o, (o / w + k / 3) * (w + 2) + o % w + k % 3, k);
    };
    Tensor y = zeros({h, w}, f64);
    each([&](auto o, auto p, auto k) { y.raw<double>()[o] += image.raw<double>()[p] * kernel.raw<double>()[k]; });
    return planted(y, x, [=](const Tensor& dy) {
        Tensor di = zeros(image.shape(), f64), dk = zeros({3, 3}, f64);
        each([&](auto o, auto p, auto k) {
            di.raw<double>()[p] += dy.raw<double>()[o] * kernel.raw<double>()[slip == Slip::not_flipped ? 8 - k : k];
            dk.raw<double>()[k] += dy.raw<double>()[o] * image.raw<double>()[p];
        });
        return Tensors{slip == Slip::corner ? with_entry(di, di.numel() - 1, 0) : di, dk};
    });
}
Inputs drawn(const Shapes& shapes, std::uint64_t seed) {
    Inputs x;
    for (const Shape& s : shapes) x.push_back(uniform(RandomKey{seed, x.size()}, s, -1.9, 1.9, f64));
    return x;
}
}  // namespace

TEST_CASE("gradcheck catches at least 39 of 40 planted errors and refuses nothing right", "[gradients]") {
    std::vector<std::string> missed;
    int planted_errors = 0;
    const auto expect_caught = [&](const std::string& what, const GradcheckReport& report) {
        ++planted_errors;
        if (report.ok) missed.push_back(what);
    };
    for (const Mutation& m : mutations()) {
        const TensorFunction f = [&m](const Inputs& x) {
            return planted(m.value(x), x, [&m, x](const Tensor& dy) { return m.rule(x, dy); });
        };
        expect_caught(m.what, gradcheck(f, drawn(m.shapes, 1), {.order = m.order}));
        if (m.order == 2) CHECK(gradcheck(f, drawn(m.shapes, 1)).ok);  // right in the first
    }
    const Shapes small{{6, 7}, {3, 3}}, large{{40, 41}, {3, 3}};
    for (const Shapes& shapes : {small, large}) {
        CHECK(gradcheck(windows<Slip::none>, drawn(shapes, 2)).ok);
        expect_caught("one corner of a convolution", gradcheck(windows<Slip::corner>, drawn(shapes, 2)));
        expect_caught("a convolution's kernel turned", gradcheck(windows<Slip::not_flipped>, drawn(shapes, 2)));
    }
    CHECK(planted_errors == 50);
    CHECK(missed == std::vector<std::string>{"rounded to float32"});  // 6e-8 of it, less than what rtol lets pass

    int right = 0;
    for (auto* table :
         {arithmetic_rows, elementwise_rows, activation_rows, reduction_rows, layout_rows, linear_algebra_rows})
        for (const GradientRow& row : table())
            for (const Shapes& shapes : row.shapes) {
                if (row.low != -2 || row.high != 2 || row.apart > 0)
                    continue;  // those with domains have their own table
                for (std::uint64_t seed : {3, 4}) {
                    ++right;
                    const auto report = gradcheck(row.f, drawn(shapes, seed), {.seed = seed});
                    INFO(row.name << ": " << to_string(report));
                    CHECK(report.ok);
                }
            }
    CHECK(right >= 200);
}
