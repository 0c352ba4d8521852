#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include "../../autograd/gradcheck.h"
#include "../catch.h"
#include "gradient_table.h"
using namespace xg;
using namespace xg::test;

namespace {
/// Different numbers in [low, high), in no order: the multiples of the golden ratio, kept apart where the row asks.
Tensor spread(const Shape& shape, const GradientRow& row, int& next) {
    Tensor x = Tensor::empty(shape, f64);
    for (double& v : x.mutable_data<double>()) {
        do {
            v = row.low + (row.high - row.low) * std::fmod(0.6180339887498949 * ++next, 1.0);
            if (row.apart > 0) v = (std::round(v / row.apart / 3) * 3 + 1 + 0.01 * (next % 7)) * row.apart;
        } while (v < row.low || v > row.high);
    }
    return x;
}
Shape with_extent(const Shape& shape, std::int64_t extent) {
    Shape s = shape;
    for (int a = 0; a < s.rank(); ++a)
        if (extent == 1 || a == 0) s[a] = extent;
    return s;
}
/// The largest difference, relative to the values.
double apart(const Tensor& a, const Tensor& b) {
    REQUIRE(a.shape() == b.shape());
    return a.numel() ? max(where(a == b, 0, abs(a - b) / (1 + abs(b)))).item() : 0;
}
/// Forward mode against reverse, and many examples at once against one by one, with gradients taken inside and outside.
void check_transforms(const GradientRow& row, const Inputs& x) {
    Inputs leaves, directions;
    for (std::size_t i = 0; i < x.size(); ++i) {
        leaves.push_back(x[i].copy().require_grad());
        directions.push_back(uniform(RandomKey{7, i}, x[i].shape(), -1, 1, f64));
    }
    const Tensor y = row.f(leaves);
    const Tensor dy = uniform(RandomKey{8, 0}, y.shape(), -1, 1, f64);
    double by_reverse = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
        by_reverse +=
            sum(pull_back(y, dy, leaves[i], {.retain_graph = true, .unused = Unused::zeros}) * directions[i]).item();
    if (y.requires_grad()) {
        const Tensor tangent = Forward::sweep(y, leaves, directions);
        const double by_forward = tangent.defined() ? sum(tangent * dy).item() : 0;
        CHECK(by_forward == Approx(by_reverse).epsilon(1e-11).margin(1e-11));
    }
    Tensors examples;  // three: x, and x a little off
    for (std::size_t i = 0; i < x.size(); ++i)
        examples.push_back(stack({x[i], x[i] + 1e-3 * directions[i], x[i] - 1e-3 * directions[i]}));
    const auto slopes = [&](const Tensors& in) {
        Tensors at;
        for (const Tensor& each : in) at.push_back(each.detach().require_grad());
        const Tensor value = row.f(at);
        Tensors all{value};
        for (const Tensor& each : at)
            all.push_back(pull_back(value, dy, each, {.retain_graph = true, .unused = Unused::zeros}));
        return all;
    };
    const Tensors at_once = detail::vmap(slopes, examples, {});
    for (std::int64_t e = 0; e < 3; ++e) {
        Tensors one;
        for (const Tensor& each : examples) one.push_back(each[e]);
        const Tensors expected = slopes(one);
        for (std::size_t k = 0; k < expected.size(); ++k) CHECK(apart(at_once[k][e], expected[k]) < 1e-12);
    }
}
void check(const GradientRow& row, const Shapes& shapes, const char* kind) {
    Inputs x;
    int next = 0;
    std::string text;
    for (const Shape& s : shapes) {
        x.push_back(spread(s, row, next));
        text += fmt::format("{} ", s);
    }
    INFO(row.name << ", " << kind << ": " << text);
    const GradcheckReport report = gradcheck(row.f, x, {.order = 2});
    CHECK(to_string(report) == (report.ok ? to_string(report) : "gradients that agree"));
    check_transforms(row, x);
}
bool alike(const Shapes& shapes) {
    return std::ranges::all_of(shapes, [&](const Shape& s) { return s == shapes[0]; });
}
std::vector<GradientRow> all_rows() {
    std::vector<GradientRow> all;
    for (auto* table : {arithmetic_rows, elementwise_rows, activation_rows, reduction_rows, layout_rows, indexing_rows,
                        linear_algebra_rows, loss_rows, recurrent_rows, convolution_rows, pooling_rows,
                        normalization_rows, attention_rows, decomposition_rows})
        all.insert(all.end(), table().begin(), table().end());
    return all;
}
}  // namespace

void xg::test::check_row(const GradientRow& row) {
    const auto before = memory_stats().nodes;
    for (const Shapes& shapes : row.shapes) check(row, shapes, "as listed");
    const Shapes& first = row.shapes[0];
    Shapes single, nothing;
    for (const Shape& s : first) single.push_back(with_extent(s, 1)), nothing.push_back(with_extent(s, 0));
    if (row.ones) check(row, single, "extents of one");
    if (row.empty && alike(first)) check(row, nothing, "nothing");
    if (first.size() > 1 && alike(first)) {
        GradientRow twice = row;
        twice.f = [f = row.f, n = first.size()](const Inputs& x) { return f(Inputs(n, x[0])); };
        if (row.apart == 0) check(twice, {first[0]}, "one tensor as every operand");
    }
    INFO(row.name << " leaves nodes behind");
    CHECK(memory_stats().nodes == before);
}

TEST_CASE("arithmetic has the right gradients", "[gradients]") {
    for (auto& row : arithmetic_rows()) check_row(row);
}
TEST_CASE("elementwise functions have the right gradients", "[gradients]") {
    for (auto& row : elementwise_rows()) check_row(row);
}
TEST_CASE("activations have the right gradients", "[gradients]") {
    for (auto& row : activation_rows()) check_row(row);
}
TEST_CASE("reductions have the right gradients", "[gradients]") {
    for (auto& row : reduction_rows()) check_row(row);
}
TEST_CASE("layout operations have the right gradients", "[gradients]") {
    for (auto& row : layout_rows()) check_row(row);
}
TEST_CASE("indexing has the right gradients", "[gradients]") {
    for (auto& row : indexing_rows()) check_row(row);
}
TEST_CASE("linear algebra has the right gradients", "[gradients]") {
    for (auto& row : linear_algebra_rows()) check_row(row);
}
TEST_CASE("loss operations have the right gradients", "[gradients]") {
    for (auto& row : loss_rows()) check_row(row);
}
TEST_CASE("recurrent operations have the right gradients", "[gradients]") {
    for (auto& row : recurrent_rows()) check_row(row);
}
TEST_CASE("convolutions have the right gradients", "[gradients]") {
    for (auto& row : convolution_rows()) check_row(row);
}
TEST_CASE("pooling has the right gradients", "[gradients]") {
    for (auto& row : pooling_rows()) check_row(row);
}

TEST_CASE("normalization has the right gradients", "[gradients]") {
    for (auto& row : normalization_rows()) check_row(row);
}
TEST_CASE("attention has the right gradients", "[gradients]") {
    for (auto& row : attention_rows()) check_row(row);
}
TEST_CASE("decompositions have the right gradients", "[gradients]") {
    for (auto& row : decomposition_rows()) check_row(row);
}

TEST_CASE("every operation has a row in the gradient table", "[gradients]") {
    // Integers, bools and positions: nothing to differentiate.
    const std::set<std::string> no_gradient{
        "operator<", "operator>",   "operator<=", "operator>=",    "operator==",   "operator!=",
        "operator!", "operator&",   "operator|",  "operator^",     "floor_divide", "floor",
        "ceil",      "round",       "trunc",      "sign",          "isnan",        "isinf",
        "isfinite",  "logical_and", "logical_or", "logical_not",   "logical_xor",  "argmax",
        "argmin",    "any",         "all",        "count_nonzero", "argsort",      "one_hot",
        "argwhere",  "isclose",     "operator~",  "searchsorted",  "every",        "permute"};  // (behind transpose)
    std::set<std::string> rows;
    for (const auto& row : all_rows()) rows.insert(row.name.substr(0, row.name.find(' ')));
    const auto ops = std::filesystem::path(XGRAD_SOURCE_DIR) / "autograd/ops";
    const std::regex declaration(R"(^(?:inline |template <[^>]*> )?Tensor (operator[^\s(]+|\w+)\(.*)");
    int found = 0;
    for (const auto& file : std::filesystem::directory_iterator(ops)) {
        if (file.path().extension() != ".h") continue;
        std::ifstream in(file.path());
        bool internal = false;
        for (std::string line; std::getline(in, line);) {
            std::smatch match;
            if (line.starts_with("namespace") || line.starts_with("}  // namespace"))
                internal = line.find("detail") != line.npos;
            if (internal || !std::regex_match(line, match, declaration)) continue;
            ++found;
            const std::string name = match[1];
            INFO(file.path().filename() << " declares " << name);
            CHECK((rows.contains(name) || no_gradient.contains(name)));
        }
    }
    CHECK(found > 20);
}
