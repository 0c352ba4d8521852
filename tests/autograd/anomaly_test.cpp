#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
template <class F> std::string anomaly_of(const F& f) {
    const Anomaly guard;
    try {
        f();
    } catch (const std::runtime_error& e) { return e.what(); }
    return "nothing thrown";
}
auto line(int number) { return ContainsSubstring("anomaly_test.cpp:" + std::to_string(number)); }

struct Logarithm : Module {
    Dense& inner = child("inner", Dense({.units = 3, .use_bias = false}));
    Tensor forward(const Tensor& x) override { return log(inner(x)); }
};
}  // namespace

TEST_CASE("Anomaly names operation, element and line of the first bad value", "[anomaly]") {
    const int line_of_log = __LINE__ + 1;
    const auto take_log = [] { log(tensor({1, -1})); };
    CHECK_THAT(anomaly_of(take_log),
               ContainsSubstring("log: expected finite values while Anomaly lives, got nan at (1,) of shape (2,)") &&
                   line(line_of_log));
    const auto divide = [] { ones({2}) / tensor({1, 0}); };
    CHECK_THAT(anomaly_of(divide),
               ContainsSubstring("divide: expected finite values while Anomaly lives, got inf at (1,)"));

    const int line_of_sqrt = __LINE__ + 3;  // backward: the place where the operation was recorded
    const auto root = [] {
        const Tensor x = tensor({4, 0}).require_grad();
        const Tensor y = where(x > 0, sqrt(x), 0);
        sum(y).backward();
    };
    CHECK_THAT(anomaly_of(root),
               ContainsSubstring("backward of sqrt: expected finite gradients while Anomaly lives, got nan at (1,)") &&
                   line(line_of_sqrt));
}
TEST_CASE("Anomaly tells apart calls from two lines of one function", "[anomaly]") {
    const Tensor x = tensor({4, 0});
    const auto each = [&](bool one) {
        if (one) log(-x);
        else log(-x);
    };
    const int then = __LINE__ - 3;
    const auto said = [&](bool one) { return anomaly_of([&] { each(one); }); };  // from one place of the stack
    CHECK_THAT(said(true), line(then));
    CHECK_THAT(said(false), line(then + 1));
}
TEST_CASE("Anomaly names the module by its path", "[anomaly]") {
    Sequential net{Dense(2), Sequential{relu, Logarithm()}};
    net(ones({1, 2}));
    for (auto& [name, value] : net.named_parameters()) Tensor(value).assign(-ones_like(value));
    CHECK_THAT(anomaly_of([&] {
                   net(-ones({1, 2}));
               }),
               ContainsSubstring("got nan at (0, 0) of shape (1, 3), in 1.1 (Logarithm)"));
}
TEST_CASE("Anomaly lets through what was infinite before, and ends with its guard", "[anomaly]") {
    CHECK(anomaly_of([] {
              const Tensor scores = where(tensor({1, 0}) > 0, ones({2}), -__builtin_inf());
              softmax(scores + 1);
          }) == "nothing thrown");
    log(tensor({-1}));
}
