#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// -log of the summed probabilities of all paths that spell the labels.
double by_enumeration(const Tensor& logits, const std::vector<std::int64_t>& labels, std::int64_t steps) {
    const Tensor p = softmax(logits);
    const auto classes = logits.shape()[1];
    double total = 0;
    for (std::int64_t code = 0; code < std::int64_t(std::pow(classes, steps)); ++code) {
        std::vector<std::int64_t> spelt;
        std::int64_t last = -1, rest = code;
        double probability = 1;
        for (std::int64_t t = 0; t < steps; ++t, rest /= classes) {
            const auto k = rest % classes;
            probability *= p(t, k).item();
            if (k != last && k != 0) spelt.push_back(k);
            last = k;
        }
        if (spelt == labels) total += probability;
    }
    return -std::log(total);
}
}  // namespace

TEST_CASE("ctc_loss sums over every path that spells the labels", "[losses]") {
    const Tensor logits = reshape(2 * sin(arange(45).to(f64)), {3, 5, 3});
    const Tensor labels = tensor<std::int64_t>({{1, 1, 2}, {2, 0, 0}, {0, 0, 0}});
    const Tensor all_steps = ctc_loss(logits, labels);
    CHECK(all_steps(0).item() == Approx(by_enumeration(logits[0], {1, 1, 2}, 5)).epsilon(1e-12));
    CHECK(all_steps(1).item() == Approx(by_enumeration(logits[1], {2}, 5)).epsilon(1e-12));
    CHECK(all_steps(2).item() == Approx(by_enumeration(logits[2], {}, 5)).epsilon(1e-12));
    const Tensor fewer =
        ctc_loss(logits, labels,
                 {.logit_lengths = tensor<std::int64_t>({4, 2, 1}), .label_lengths = tensor<std::int64_t>({2, 1, 0})});
    CHECK(fewer(0).item() == Approx(by_enumeration(logits[0], {1, 1}, 4)).epsilon(1e-12));
    CHECK(fewer(1).item() == Approx(by_enumeration(logits[1], {2}, 2)).epsilon(1e-12));
    CHECK(fewer(2).item() == Approx(by_enumeration(logits[2], {}, 1)).epsilon(1e-12));
}
TEST_CASE("ctc_loss is what its steps in plain operations give", "[losses]") {
    const Tensor logits = reshape(2 * sin(arange(2 * 9 * 5).to(f64)), {2, 9, 5}).require_grad();
    const Tensor labels = tensor<std::int64_t>({{4, 1, 4, 2}, {3, 3, 0, 0}});
    const CtcOptions options{.logit_lengths = tensor<std::int64_t>({9, 6})};
    const Tensor fast = ctc_loss(logits, labels, options), slow = detail::ctc_loss_by_steps(logits, labels, options);
    CHECK(allclose(fast, slow, {.rtol = 1e-13}));
    const Tensor dy = tensor<double>({1.5, -0.5});
    CHECK(allclose(pull_back(fast, dy, logits), pull_back(slow, dy, logits), {.rtol = 1e-11, .atol = 1e-14}));
    const Tensor single = ctc_loss(logits.detach().to(f32), labels, options);
    CHECK(allclose(single, fast.detach().to(f32), {.rtol = 1e-6}));
}
TEST_CASE("labels that cannot be spelt cost infinity and push nowhere", "[losses]") {
    const Tensor logits = zeros({2, 2, 3}, f64).require_grad();
    const Tensor y = ctc_loss(logits, tensor<std::int64_t>({{1, 1}, {1, 2}}));  // 1, 1 needs a blank between
    CHECK(std::isinf(y(0).item()));
    CHECK(y(1).item() == Approx(std::log(9)));
    CHECK(max(abs(grad(y(0) * 2, logits)[0])).item() == 0);
}
TEST_CASE("ctc_loss refuses in these words", "[losses]") {
    const Tensor logits = zeros({2, 4, 3}), labels = tensor<std::int64_t>({{1, 2}, {1, 0}});
    const auto of = [&](Nested<std::int64_t> rows) { return ctc_loss(logits, tensor<std::int64_t>(rows)); };
    CHECK_THROWS_WITH(
        ctc_loss(zeros({2, 4}), labels),
        "ctc_loss: expected logits (batch, steps, classes) and labels (batch, labels), got (2, 4) and (2, 2)");
    CHECK_THROWS_WITH(of({{1, 3}, {1, 0}}), "ctc_loss: expected labels in [0, 3) other than 0, got 3 in row 0");
    CHECK_THROWS_WITH(of({{1, 2}, {0, 1}}), "ctc_loss: expected nothing but 0 behind the labels of row 1, got 1");
    CHECK_THROWS_WITH(ctc_loss(logits, labels, {.blank = 3}), "ctc_loss: expected blank in [0, 3), got 3");
    CHECK_THROWS_WITH(ctc_loss(logits, labels, {.logit_lengths = tensor<std::int64_t>({4, 5})}),
                      "ctc_loss: expected logit_lengths in [0, 4], got 5");
    CHECK_THROWS_WITH(ctc_loss(logits, labels, {.label_lengths = tensor<std::int64_t>({2})}),
                      "ctc_loss: expected label_lengths (2,), got (1,)");
}
TEST_CASE("CTC takes a mask for the steps that count", "[losses]") {
    const Tensor logits = reshape(2 * sin(arange(30).to(f64)), {2, 5, 3}),
                 labels = tensor<std::int64_t>({{1, 2}, {2, 0}});
    const Tensor cut = ctc_loss(logits, labels, {.logit_lengths = tensor<std::int64_t>({5, 3})});
    logits.set_mask(tensor<bool>({{true, true, true, true, true}, {true, true, true, false, false}}));
    CHECK(CTC()(labels, logits).item() == Approx(mean(cut).item()));
    logits.set_mask(tensor<bool>({{true, true, true, true, true}, {true, false, true, false, false}}));
    CHECK_THROWS_WITH(CTC()(labels, logits), "CTC: expected a mask of first steps, got one with gaps");
}
