#include "../../tensor/kernels/elementwise.h"
#include "../../tensor/create.h"
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
