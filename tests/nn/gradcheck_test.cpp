#include "../../xgrad_catch.h"
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Scaled : Module {
    Dense& inner = child("inner", Dense(3, tanh));
    Tensor scale = parameter("scale", ones({3}));
    bool wrong = false;
    Tensor forward(const Tensor& x) override {
        const Tensor y = inner(x);
        if (!wrong) return x + scale * y;
        return x + record("scaled", scale.detach() * y.detach(),
                          wrt(scale, [y](const Tensor& dy) { return 2 * dy * y; }),
                          wrt(y, [s = scale](const Tensor& dy) { return dy * s; }));
    }
};
}  // namespace

TEST_CASE("gradcheck goes through a module's parameters by name, in both modes", "[gradcheck]") {
    Sequential net{Dense(3, relu), Dropout(0.4), Scaled(), Dropout({.rate = 0.3, .seed = 4})};
    net(ones({2, 3}));
    net.to(f64);
    const auto before = net.state();
    std::vector<Tensor> values;
    for (auto& [name, value] : before) values.push_back(value.detach().copy());
    const Tensor x = reshape(sin(arange(12).to(f64) + 0.5), {4, 3});
    CHECK_THAT(gradcheck(net, x), GradientsAgree());
    CHECK_THAT(gradcheck(net, x, {.order = 2}), GradientsAgree());
    for (std::size_t i = 0; i < before.size(); ++i) CHECK(array_equal(before[i].second.detach(), values[i]));

    SGD({.learning_rate = 0.1}).minimize(sum(net(x)), net.parameters());  // changed in place
    CHECK_THAT(gradcheck(net, x), GradientsAgree());

    Scaled wrong;
    wrong.wrong = true;
    wrong.to(f64);
    const auto report = gradcheck(wrong, x);
    CHECK(!report.ok);
    CHECK(report.worst.input == "scale");
    CHECK_THAT(
        to_string(report),
        ContainsSubstring(
            "gradcheck: expected the numeric derivative, got another, in training mode (order 1): d output element"));
    Sequential single{Dense(2)};
    single(ones({1, 3}));
    CHECK_THROWS_WITH(gradcheck(single, x),
                      "gradcheck: expected a float64 module, got 0.kernel of float32; call to(f64) first");
}
TEST_CASE("gradcheck names kinks, refuses float32, and takes losses", "[gradcheck]") {
    const auto report = gradcheck(relu, tensor<double>({-1, 0, 2}));
    CHECK(report.ok);
    REQUIRE(report.kinks.size() == 1);
    CHECK(report.kinks[0].at.index == 1);
    CHECK_THAT(to_string(report),
               ContainsSubstring("1 suspected kink, the first at input 0 element 1: slopes 0 and 1, rule 0"));
    CHECK(fmt::format("{}", report) == to_string(report));
    CHECK(gradcheck(relu, tensor<double>({-1e-4, 1e-3, 2})).ok);  // close to one
    CHECK_THROWS_WITH(gradcheck(relu, ones({2})),
                      "gradcheck: expected float64 inputs (float32 cannot tell a wrong gradient from rounding), got "
                      "float32; make them with x.to(f64)");
    const Tensor labels = tensor<std::int64_t>({2, 0}), logits = reshape(sin(arange(6).to(f64)), {2, 3});
    CHECK_THAT(gradcheck(SparseCategoricalCrossentropy({.from_logits = true}), {labels, logits}), GradientsAgree());
}
