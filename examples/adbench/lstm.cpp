// Next-character loss of an LSTM whose weights all act elementwise: vectors of 14 numbers, step after step.
#include "case.h"
using namespace xg;

namespace adbench {

namespace {
struct Sequence {
    Tensor state, characters;
    std::int64_t layers, count, bits;
};
Tensor loss(const Sequence& s, const Tensor& main, const Tensor& extra) {
    std::vector<std::vector<Tensor>> pieces;  // forget, in, out, change of every row of main: (1, bits) each
    for (const Tensor& row : split(main, 2 * s.layers)) pieces.push_back(split(row, 4, 1));
    Tensors hidden, cell;
    for (std::int64_t i = 0; i < s.layers; ++i) {
        hidden.push_back(slice(s.state, 2 * i, 2 * i + 1));
        cell.push_back(slice(s.state, 2 * i + 1, 2 * i + 2));
    }
    const Tensor scale = extra[0], inputs = s.characters * scale;
    Tensors outputs;
    for (std::int64_t t = 0; t + 1 < s.count; ++t) {
        Tensor y = slice(inputs, t, t + 1);
        for (std::size_t i = 0; i < hidden.size(); ++i) {
            const auto &w = pieces[2 * i], &v = pieces[2 * i + 1];
            const Tensor forget = sigmoid(y * w[0] + v[0]), in = sigmoid(hidden[i] * w[1] + v[1]),
                         out = sigmoid(y * w[2] + v[2]), change = tanh(hidden[i] * w[3] + v[3]);
            cell[i] = cell[i] * forget + in * change;
            y = hidden[i] = out * tanh(cell[i]);
        }
        outputs.push_back(y);
    }
    const Tensor p = concatenate(outputs) * extra[1] + extra[2];
    const Tensor shares = p - log(2 + sum(exp(p), 1, {.keepdims = true}));
    return -sum(slice(s.characters, 1, s.count) * shares) / double((s.count - 1) * s.bits);
}
std::vector<Tensor> gradient(const Sequence& s, const Tensor& main, const Tensor& extra) {
    const Tensor m = main.detach().require_grad(), e = extra.detach().require_grad();
    return grad(loss(s, m, e), std::vector<Tensor>{m, e});
}
}  // namespace

void lstm(const std::string& data, Report& report) {
    Numbers file(data);
    Sequence s;
    s.layers = file.integer(), s.count = file.integer(), s.bits = file.integer();
    const Tensor main = file.tensor({2 * s.layers, 4 * s.bits}), extra = file.tensor({3, s.bits});
    s.state = file.tensor({2 * s.layers, s.bits}), s.characters = file.tensor({s.count, s.bits});

    const auto& expected = report.expected();
    report.compare("objective", loss(s, main, extra).item(), expected.at("objective"), 1e-12);
    const auto slopes = gradient(s, main, extra);
    report.check_sums("gradient", concatenate({reshape(slopes[0], {-1}), reshape(slopes[1], {-1})}),
                      expected.at("gradient_checks"));
    if (expected.contains("gradient")) {
        const double largest = expected.at("gradient_checks").at("abs_max").number();
        report.compare("main", slopes[0], expected["gradient"].at("main"), largest);
        report.compare("extra", slopes[1], expected["gradient"].at("extra"), largest);
    }
    report.objective_seconds = seconds([&] { loss(s, main, extra); });
    report.gradient_seconds = seconds([&] { gradient(s, main, extra); });
}

}  // namespace adbench
