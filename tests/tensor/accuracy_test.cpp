// The largest error of every elementary function, in units in the last place, over a dense sweep; docs/accuracy.md
// states the same bounds.
#include <cmath>
#include <limits>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
using Reference = long double (*)(long double);
struct Row {
    const char* name;
    Tensor (*f)(const Tensor&);
    Reference exact;
    double low, high;
    double ulp_f32, ulp_f64;
};
const Row rows[] = {
    {"exp", exp, std::exp, -80, 80, 2, 2},        {"expm1", expm1, std::expm1, -20, 20, 6, 6},
    {"log", log, std::log, 1e-30, 1e30, 2, 2},    {"log1p", log1p, std::log1p, -0.9, 1e6, 4, 4},
    {"sqrt", sqrt, std::sqrt, 0, 1e10, 0.5, 0.5}, {"sin", sin, std::sin, -1000, 1000, 2, 1.5},
    {"cos", cos, std::cos, -1000, 1000, 2, 1.5},  {"tanh", tanh, std::tanh, -10, 10, 8, 5},
    {"erf", erf, std::erf, -4.5, 4.5, 8, 1},      {"arctan", arctan, std::atan, -100, 100, 1, 1},
    {"arcsin", arcsin, std::asin, -1, 1, 1, 1},   {"sinh", sinh, std::sinh, -20, 20, 8, 8},
    {"cosh", cosh, std::cosh, -20, 20, 4, 4},
};
template <class T> double worst(const Row& row) {
    constexpr std::int64_t count = 200'000;
    // Half of the points evenly, half with even exponents, as far as the range has both.
    Tensor x = zeros({count}, dtype_of<T>);
    const double least = std::max(std::fabs(row.low), 1e-6);
    for (std::int64_t i = 0; i < count; ++i) {
        const double share = double(i / 2) / double(count / 2 - 1);
        const double even = row.low + (row.high - row.low) * share;
        const double tiny = 1e-6 * std::pow(row.high / 1e-6, share) * (row.low < 0 && i % 4 < 2 ? -1 : 1);
        const double positive = least * std::pow(row.high / least, share);
        x.raw<T>()[i] = T(i % 2 ? even : row.low > 0 ? positive : std::max(tiny, row.low));
    }
    const Tensor y = row.f(x);
    double most = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const long double exact = row.exact((long double)(x.raw<T>()[i]));
        int exponent;
        std::frexp(exact, &exponent);
        const long double ulp =
            std::ldexp(1.0L, std::max(exponent, std::numeric_limits<T>::min_exponent) - std::numeric_limits<T>::digits);
        const double off = double(std::fabs(y.raw<T>()[i] - exact) / ulp);
        if (!(off <= most)) most = off;
    }
    return most;
}
}  // namespace

TEST_CASE("elementary functions are as accurate as stated", "[accuracy]") {
    for (const Row& row : rows) {
        INFO(row.name);
        CHECK(worst<float>(row) <= row.ulp_f32);
        CHECK(worst<double>(row) <= row.ulp_f64);
    }
}
TEST_CASE("sin and cos of special and of huge numbers", "[accuracy]") {
    for (const DType d : {f32, f64}) {
        const Tensor x = tensor<double>({0, -0.0, INFINITY, NAN, 1e-300, 1e22}).to(d);
        const Tensor s = sin(x).to(f64), c = cos(x).to(f64);
        CHECK(s(0).item() == 0);
        CHECK(std::signbit(s(1).item()));
        CHECK(std::isnan(s(2).item()));
        CHECK(std::isnan(s(3).item()));
        CHECK(s(4).item() == (d == f64 ? 1e-300 : 0));
        CHECK(c(0).item() == 1);
        const long double huge = (long double)(x(5).item());
        CHECK(s(5).item() == Approx(double(std::sin(huge))));
        CHECK(c(5).item() == Approx(double(std::cos(huge))));
    }
}

TEST_CASE("far numbers beside them, in a row or behind its end, do not change sin and cos of near ones", "[accuracy]") {
    const Tensor x = linspace(-4, 4, 101, f64);
    for (const DType d : {f32, f64}) {
        const Tensor near = x.to(d), beside = stack({near, full({101}, 1e9, d)}, 1);
        CHECK(array_equal(sin(beside)(all, 0), sin(near)));
        CHECK(array_equal(cos(beside)(all, 0), cos(near)));
    }
}
