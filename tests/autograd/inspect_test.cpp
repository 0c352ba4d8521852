#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

TEST_CASE("saved_report lists what each operation keeps, counted once", "[inspect]") {
    const Tensor x = ones({4, 8}).require_grad(), w = ones({8, 2}).require_grad();
    const Tensor h = tanh(matmul(x, w)), y = sum(h * h + x(0, 0));
    // matmul: x and w; tanh and the product: h, which is one value.
    CHECK(saved_report(y) ==
          "         192  matmul: float32 (8, 2), float32 (4, 8)\n"
          "          32  multiply: float32 (4, 2), float32 (4, 2) (kept above too)\n"
          "           0  tanh: float32 (4, 2) (kept above too)\n"
          "         224  bytes in all\n");
    CHECK(saved_report(ones({2})) == "           0  bytes in all\n");
    CHECK(!x.grad().defined());
    y.backward();
    CHECK(x.grad().defined());
}
TEST_CASE("to_dot draws the graph, cut past a number of operations", "[inspect]") {
    const Tensor x = ones({3}).require_grad(), y = sum(exp(x));
    const std::string expected =
        "digraph {\n"
        "    node [shape=box, fontname=sans]\n"
        "    n0 [label=\"sum\\nfloat32 ()\"]\n"
        "    n1 [label=\"exp\\nfloat32 (3,)\\nkeeps 12 bytes\"]\n"
        "    n2 [label=\"leaf\\nfloat32 (3,)\", style=filled]\n"
        "    n1 -> n0\n"
        "    n2 -> n1\n"
        "}\n";
    CHECK(to_dot(y) == expected);
    CHECK_THAT(to_dot(y, 1), ContainsSubstring("2 older operations") && ContainsSubstring("more -> n0"));
    Tensor deep = x;
    for (int i = 0; i < 100'000; ++i) deep = deep + x;
    CHECK_THAT(to_dot(deep, 10), ContainsSubstring("99991 older operations"));
}
