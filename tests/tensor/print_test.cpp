#include "../../tensor/print.h"
#include <fmt/core.h>
#include "../../tensor/create.h"
#include "../catch.h"

using namespace xg;

TEST_CASE("tensors print as NumPy prints arrays") {
    CHECK(to_string(tensor({{1, 2, 3}, {4, 5, 6}})) == "[[1. 2. 3.]\n [4. 5. 6.]]");
    CHECK(to_string(tensor({0.1, 12, -2.25})) == "[ 0.1  12.   -2.25]");
    CHECK(to_string(tensor<double>({1e-5, 1})) == "[1.e-05 1.e+00]");
    CHECK(to_string(tensor<std::int64_t>({1, -20})) == "[  1 -20]");
    CHECK(to_string(tensor<bool>({true, false})) == "[ True False]");
    CHECK(to_string(zeros({2, 2, 1})) == "[[[0.]\n  [0.]]\n\n [[0.]\n  [0.]]]");
    CHECK(to_string(arange(2000)) == "[   0    1    2 ... 1997 1998 1999]");
    CHECK(to_string(arange(30)) == "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]");
    CHECK(to_string(full({}, 1)) == "1.0");
    CHECK(to_string(zeros({0})) == "[]");
    CHECK(fmt::format("{}", tensor({1, 2})) == "[1. 2.]");
}
