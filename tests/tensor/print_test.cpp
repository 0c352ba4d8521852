#include "../../tensor/print.h"
#include <fmt/core.h>
#include "../../tensor/create.h"
#include "../catch.h"
#include <cmath>

using namespace xg;

TEST_CASE("tensors print as NumPy prints arrays") {
    CHECK(to_string(tensor({{1, 2, 3}, {4, 5, 6}})) == "[[1. 2. 3.]\n [4. 5. 6.]]");
    CHECK(to_string(tensor({0.1, 12, -2.25})) == "[ 0.1  12.   -2.25]");
    CHECK(to_string(tensor<double>({1e-5, 1})) == "[1.e-05 1.e+00]");
    CHECK(to_string(tensor<std::int64_t>({1, -20})) == "[  1 -20]");
    CHECK(to_string(tensor<bool>({true, false})) == "[ True False]");
    CHECK(to_string(zeros({2, 2, 1})) == "[[[0.]\n  [0.]]\n\n [[0.]\n  [0.]]]");
    CHECK(to_string(arange(2000)) == "[   0    1    2 ... 1997 1998 1999]");
    CHECK(to_string(arange(30)) ==
          "[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23\n 24 25 26 27 28 29]");
    // As NumPy 2 prints np.linspace(0, 1, 30): the padding at a line's end is cut.
    CHECK(to_string(linspace(0, 1, 30, f64)) ==
          "[0.         0.03448276 0.06896552 0.10344828 0.13793103 0.17241379\n"
          " 0.20689655 0.24137931 0.27586207 0.31034483 0.34482759 0.37931034\n"
          " 0.4137931  0.44827586 0.48275862 0.51724138 0.55172414 0.5862069\n"
          " 0.62068966 0.65517241 0.68965517 0.72413793 0.75862069 0.79310345\n"
          " 0.82758621 0.86206897 0.89655172 0.93103448 0.96551724 1.        ]");
    CHECK(to_string(tensor({double(NAN), 1.0, double(INFINITY)})) == "[nan  1. inf]");
    CHECK(to_string(full({}, 1)) == "1.0");
    CHECK(to_string(zeros({0})) == "[]");
    CHECK(fmt::format("{}", tensor({1, 2})) == "[1. 2.]");
}
