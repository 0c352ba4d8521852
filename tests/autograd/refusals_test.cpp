// Every refusal of the array operations, word for word.
#include <cmath>
#include <functional>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Refusal {
    std::function<void()> call;
    const char* text;
};
void check(const std::vector<Refusal>& rows) {
    for (const Refusal& row : rows) CHECK_THROWS_WITH(row.call(), row.text);
}
Tensor integers(Nested<std::int64_t> values) { return tensor<std::int64_t>(values); }
}  // namespace

TEST_CASE("arithmetic refuses in these words", "[refusals]") {
    const Tensor x = zeros({2, 3}), n = integers({4, -5}), bytes = tensor<std::uint8_t>({1, 2});
    check({
        {[&] {
             floor_divide(n, integers({1, 0}));
         },
         "floor_divide: expected divisors other than 0, got 0"},
        {[&] { mod(n, 0); }, "mod: expected divisors other than 0, got 0"},
        {[&] { bytes + 300; }, "arithmetic with a number: expected a number that uint8 holds, got 300"},
        {[&] { maximum(bytes, -1); }, "arithmetic with a number: expected a number that uint8 holds, got -1"},
        {[&] { full({2}, 1e10, i32); }, "full: expected a number that int32 holds, got 10000000000"},
        {[&] { full({2}, NAN, i64); }, "full: expected a number that int64 holds, got nan"},
        {[&] { x& x; }, "operator&: expected dtype int32, int64 or uint8, got float32"},
        {[&] { n | x; }, "operator|: expected dtype int32, int64 or uint8, got float32"},
        {[&] { x ^ n; }, "operator^: expected dtype int32, int64 or uint8, got float32"},
        {[&] { ~x; }, "operator~: expected dtype int32, int64 or uint8, got float32"},
        {[&] { allclose(x, zeros({2})); }, "isclose: expected shapes that broadcast, got (2, 3) and (2,)"},
        {[&] { logical_and(x, zeros({2})); }, "logical_and: expected shapes that broadcast, got (2, 3) and (2,)"},
        {[&] { (void)(x < zeros({2})); }, "less: expected shapes that broadcast, got (2, 3) and (2,)"},
        {[&] { clip(x, 2, 1); }, "clip: expected low <= high, got 2 and 1"},
        {[&] { clip(x, NAN, 1); }, "clip: expected low <= high, got nan and 1"},
        {[&] { pow(n, -1); }, "pow: expected exponents >= 0 for integers, got -1"},
    });
}

TEST_CASE("reductions refuse in these words", "[refusals]") {
    const Tensor x = zeros({2, 3}), nothing = zeros({2, 0});
    check({
        {[&] { max(nothing, 1); }, "max: expected at least one element along the axes, got shape (2, 0)"},
        {[&] { min(nothing); }, "min: expected at least one element along the axes, got shape (2, 0)"},
        {[&] { argmax(nothing, -1); }, "argmax: expected at least one element along the axis, got shape (2, 0)"},
        {[&] { argmax(nothing); }, "argmax: expected at least one element along the axis, got shape (0,)"},
        {[&] { argmin(nothing, 1); }, "argmin: expected at least one element along the axis, got shape (2, 0)"},
        {[&] {
             sum(x, {0, -2});
         },
         "sum: expected different axes, got -2 twice"},
        {[&] { mean(x, 2); }, "mean: expected an axis in [-2, 2), got 2"},
        {[&] {
             Axes({0, 1, 2, 3, 4, 5, 6, 7, 8});
         },
         "axes: expected at most 8, got more"},
        {[&] { var(x, 1, {.correction = 3}); }, "var: expected more than 3 values, got 3"},
        {[&] { cumsum(zeros({}), 0); }, "cumsum: expected at least one axis, got shape ()"},
        {[&] { cumsum(x, 2); }, "cumsum: expected an axis in [-2, 2), got 2"},
        {[&] { cumprod(zeros({}), 0); }, "cumprod: expected at least one axis, got shape ()"},
        {[&] { cumprod(x, -3); }, "cumprod: expected an axis in [-2, 2), got -3"},
        {[&] {
             sum_to(x, {2, 2, 3});
         },
         "sum_to: expected a shape that broadcasts to (2, 3), got (2, 2, 3)"},
        {[&] { sum_to(x, {2}); }, "sum_to: expected a shape that broadcasts to (2, 3), got (2,)"},
    });
}

TEST_CASE("layout operations refuse in these words", "[refusals]") {
    const Tensor x = zeros({2, 3}), scalar = zeros({});
    check({
        {[&] {
             reshape(x, {-1, -1});
         },
         "reshape: expected extents >= 0 and at most one -1, got (-1, -1)"},
        {[&] {
             reshape(x, {-2, 3});
         },
         "reshape: expected extents >= 0 and at most one -1, got (-2, 3)"},
        {[&] {
             reshape(x, {4, -1});
         },
         "reshape: expected a shape of 6 elements, got (4, -1) from (2, 3)"},
        {[&] { broadcast_to(x, {3}); }, "broadcast_to: expected a shape that (2, 3) broadcasts to, got (3,)"},
        {[&] {
             broadcast_to(x, {2, 4});
         },
         "broadcast_to: expected shapes that broadcast, got (2, 3) and (2, 4)"},
        {[&] { transpose(x, {0}); }, "transpose: expected 2 axes for shape (2, 3), got 1"},
        {[&] {
             transpose(x, {0, -2});
         },
         "transpose: expected different axes, got -2 twice"},
        {[&] {
             transpose(x, {0, 2});
         },
         "transpose: expected an axis in [-2, 2), got 2"},
        {[&] { slice(x, 1, 3); }, "slice: expected rows within (2, 3), got 1 to 3"},
        {[&] { slice(x, 2, 1); }, "slice: expected rows within (2, 3), got 2 to 1"},
        {[&] { scalar[0]; }, "operator[]: expected at least one axis, got shape ()"},
        {[&] { x[2]; }, "operator[]: expected a row in [-2, 2), got 2"},
        {[&] { Tensor(x).assign(scalar); }, "assign: expected shape (2, 3), got ()"},
        {[&] { exp(zeros({2}).require_grad()).assign(zeros({2})); },
         "assign: expected a tensor that no operation computed, got the result of exp"},
        {[&] { flip(x, 2); }, "flip: expected an axis in [-2, 2), got 2"},
        {[&] { roll(x, 1, 2); }, "roll: expected an axis in [-2, 2), got 2"},
        {[&] {
             roll(x, {1}, {0, 1});
         },
         "roll: expected one shift an axis, got 1 and 2 axes"},
        {[&] { squeeze(x, 1); }, "squeeze: expected extent 1 along axis 1, got shape (2, 3)"},
        {[&] { expand_dims(x, 3); }, "expand_dims: expected an axis in [-3, 3), got 3"},
        {[&] { swapaxes(x, 0, 2); }, "swapaxes: expected an axis in [-2, 2), got 2"},
        {[&] { moveaxis(x, 2, 0); }, "moveaxis: expected an axis in [-2, 2), got 2"},
        {[&] { moveaxis(x, 0, -3); }, "moveaxis: expected an axis in [-2, 2), got -3"},
        {[&] { concatenate(Tensors()); }, "concatenate: expected at least one tensor, got none"},
        {[&] {
             concatenate({x, zeros({2, 4})}, 0);
         },
         "concatenate: expected the same extents but along axis 0, got (2, 3) and (2, 4)"},
        {[&] {
             concatenate({x, zeros({2})}, 1);
         },
         "concatenate: expected the same extents but along axis 1, got (2, 3) and (2,)"},
        {[&] { stack({}); }, "stack: expected at least one tensor, got none"},
        {[&] {
             stack({x, zeros({3, 2})});
         },
         "stack: expected tensors of one shape, got (2, 3) and (3, 2)"},
        {[&] { stack({x}, 3); }, "stack: expected an axis in [-3, 3), got 3"},
        {[&] { split(x, 2, 1); }, "split: expected a number of parts that divides 3, got 2"},
        {[&] { split(x, 0); }, "split: expected a number of parts that divides 2, got 0"},
        {[&] {
             split(x, {2, 1}, 1);
         },
         "split: expected rising positions in [0, 3], got 1 after 2"},
        {[&] { split(x, {4}, 1); }, "split: expected rising positions in [0, 3], got 4 after 0"},
        {[&] { split(x, {-1}, 1); }, "split: expected rising positions in [0, 3], got -1 after 0"},
        {[&] { repeat(x, -1, 0); }, "repeat: expected times >= 0, got -1"},
        {[&] {
             tile(x, {2, -1});
         },
         "tile: expected times >= 0, got -1"},
        {[&] {
             pad(x, {{1, 1}});
         },
         "pad: expected 2 paddings for shape (2, 3), got 1"},
        {[&] {
             pad(x, {{0, 0}, {-1, 0}});
         },
         "pad: expected paddings >= 0, got -1 and 0"},
        {[&] {
             pad(x, {{0, 0}, {0, -1}}, PadMode::edge);
         },
         "pad: expected paddings >= 0, got 0 and -1"},
        {[&] {
             pad(zeros({2, 0}), {{1, 0}, {0, 1}}, PadMode::wrap);
         },
         "pad: expected at least one element along axis 1, got shape (2, 0)"},
    });
}

TEST_CASE("triangles and diagonals refuse in these words", "[refusals]") {
    const Tensor v = zeros({3}), x = zeros({2, 3});
    check({
        {[&] { tril(v); }, "tril: expected at least two axes, got shape (3,)"},
        {[&] { triu(v, 1); }, "triu: expected at least two axes, got shape (3,)"},
        {[&] { diagonal(v); }, "diagonal: expected at least two axes, got shape (3,)"},
        {[&] { diagonal(x, 0, 1, -1); }, "diagonal: expected different axes, got 1 twice"},
        {[&] { diagonal(x, 0, 0, 2); }, "diagonal: expected an axis in [-2, 2), got 2"},
        {[&] { trace(v); }, "trace: expected at least two axes, got shape (3,)"},
        {[&] {
             diag(zeros({1, 2, 2}));
         },
         "diag: expected a vector or a matrix, got shape (1, 2, 2)"},
        {[&] { diag(v, INT64_MIN); }, "diag: expected a diagonal within 2^30, got -9223372036854775808"},
    });
}

TEST_CASE("products refuse in these words", "[refusals]") {
    const Tensor v = zeros({3}), x = zeros({2, 3}), scalar = zeros({});
    check({
        {[&] { matmul(x, scalar); }, "matmul: expected at least one axis each, got a (2, 3) and b ()"},
        {[&] { matmul(x, x); }, "matmul: expected a.shape[1] == b.shape[0], got a (2, 3) and b (2, 3)"},
        {[&] {
             matmul(zeros({2, 2, 3}), zeros({3, 3, 2}));
         },
         "matmul: expected shapes that broadcast, got (2,) and (3,)"},
        {[&] { tensordot(x, v); }, "tensordot: expected a number of axes in [0, 1], got 2"},
        {[&] { tensordot(x, v, -1); }, "tensordot: expected a number of axes in [0, 1], got -1"},
        {[&] {
             tensordot(x, v, {0, 1}, {0});
         },
         "tensordot: expected as many axes of a as of b, got 2 and 1"},
        {[&] {
             tensordot(x, x, {0, 0}, {0, 1});
         },
         "tensordot: expected different axes, got 0 twice"},
        {[&] { tensordot(x, v, {2}, {0}); }, "tensordot: expected an axis in [-2, 2), got 2"},
        {[&] { tensordot(x, v, {0}, {-1}); }, "tensordot: expected a.shape[0] == b.shape[0], got a (2, 3) and b (3,)"},
    });
}

TEST_CASE("indexing and sorting refuse in these words", "[refusals]") {
    const Tensor x = zeros({2, 3}), scalar = zeros({}), some = integers({0, 1});
    check({
        {[&] { take(scalar, some); }, "take: expected at least one axis, got shape ()"},
        {[&] { take(x, zeros({1})); }, "take: expected integer indices, got float32"},
        {[&] {
             take(x, tensor<bool>({true, false}));
         },
         "take: expected integer indices, got bool"},
        {[&] { take(x, integers({-3})); }, "take: expected indices in [-2, 2), got -3"},
        {[&] { take(x, some, 2); }, "take: expected an axis in [-2, 2), got 2"},
        {[&] {
             scatter_add(x, integers({0}), {4, 3});
         },
         "scatter_add: expected updates of the indices' shape and a row's, got updates (2, 3), indices (1,) and shape "
         "(4, 3)"},
        {[&] {
             scatter_add(x, integers({0, 4}), {4, 3});
         },
         "scatter_add: expected indices in [-4, 4), got 4"},
        {[&] { take_along_axis(x, some); }, "take_along_axis: expected indices of rank 2, got (2,)"},
        {[&] { take_along_axis(x, integers({{0}}), 1); },
         "take_along_axis: expected the same extents but along axis 1, got (2, 3) and (1, 1)"},
        {[&] {
             take_along_axis(x, integers({{0}, {3}}), 1);
         },
         "take_along_axis: expected indices in [-3, 3), got 3"},
        {[&] {
             one_hot(integers({0, -1}), 3);
         },
         "one_hot: expected labels in [0, 3), got -1 in row 1"},
        {[&] {
             one_hot(tensor({1, 0.5}), 3);
         },
         "one_hot: expected whole numbers as labels, got 0.5 in row 1"},
        {[&] { argwhere(scalar); }, "argwhere: expected at least one axis, got shape ()"},
        {[&] { x(ellipsis, 0, ellipsis); }, "index: expected at most one ellipsis, got 2"},
        {[&] { x(0, 0, newaxis, 0); }, "index: expected at most 2 indices for shape (2, 3), got 3"},
        {[&] { x(Slice(0, 1, 0)); }, "index: expected a step other than 0, got 0"},
        {[&] { x(0, -4); }, "index: expected a position in [-3, 3) along axis 1, got -4"},
        {[&] { x(some, 3); }, "index: expected indices in [-3, 3), got 3"},
        {[&] { x(zeros({1})); }, "index: expected integer indices, got float32"},
        {[&] {
             x(some, integers({0, 1, 2}));
         },
         "index: expected shapes that broadcast, got (2,) and (3,)"},
        {[&] { x(tensor<bool>({true})); },
         "index: expected a mask of the axes' extents, got mask (1,) for shape (2, 3)"},
        {[&] { quantile(x, 1.5); }, "quantile: expected 0 <= q <= 1, got 1.5"},
        {[&] {
             median(zeros({2, 0}), 1);
         },
         "quantile: expected at least one element along the axes, got shape (2, 0)"},
        {[&] {
             meshgrid({arange(2), x});
         },
         "meshgrid: expected vectors, got shape (2, 3)"},
        {[&] { argsort(x, 2); }, "argsort: expected an axis in [-2, 2), got 2"},
        {[&] { topk(x, 4); }, "topk: expected 0 <= k <= the last extent, got k 4 and shape (2, 3)"},
        {[&] { topk(scalar, 0); }, "topk: expected 0 <= k <= the last extent, got k 0 and shape ()"},
    });
}
