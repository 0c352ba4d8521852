#include "../../tensor/kernels/elementwise.h"
#include "../../tensor/create.h"
#include <algorithm>
#include "../catch.h"

using namespace xg;

TEST_CASE("a gradient that grows in place leaves what lies behind it alone", "[kernels]") {
    const Tensor dy = full({16}, 2, f64);  // of which five are no whole number of vectors
    for (const auto& [rows, kind] : {std::pair{1, kernel::Kind::full}, {2, kernel::Kind::row}}) {
        INFO(rows << " rows");
        std::array<double, 32> sum;
        std::fill_n(sum.begin(), 5 * rows, 1.0);
        std::fill(sum.begin() + 5 * rows, sum.end(), 7.0);
        const auto pass = [](auto, Batch<double> g) { return g; };
        kernel::backward<double, decltype(pass), 1, 2>(pass, {rows, 5}, {{{dy.raw<double>(), kind}}},
                                                       {{{sum.data(), kernel::Kind::full, true}, {}}});
        for (int i = 0; i < 32; ++i) CHECK(sum[std::size_t(i)] == (i < 5 * rows ? 3 : 7));
    }
}

TEST_CASE("what is the same for all examples stays so, though it lies where theirs begin", "[kernels]") {
    const Tensor dy = arange(1, 11, 1, f64);  // two examples of five
    std::array<double, 16> dx;
    dx.fill(7);
    const auto product = [](auto, Batch<double> g, Batch<double> v) { return g * v; };
    const std::array<kernel::Source<double>, 2> in{
        {{dy.raw<double>(), kernel::Kind::full}, {dy.raw<double>(), kernel::Kind::row}}};
    const std::array<kernel::Sink<double>, 1> out{{{dx.data(), kernel::Kind::full}}};
    kernel::backward_examples<double>(kernel::backward_part<double, decltype(product), 2, 1>, &product, {2, 5}, in,
                                      out);
    const std::array expected{1, 4, 9, 16, 25, 6, 14, 24, 36, 50, 7, 7, 7, 7, 7, 7};
    CHECK(std::ranges::equal(dx, expected));
}
