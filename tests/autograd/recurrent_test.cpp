// The fused recurrent operations against their composition, and what they refuse.
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
struct Case {
    std::int64_t batch, steps, features, units;
    bool states, bias, masked, sequences;
};
/// The LSTM's (or the GRU's) operands as leaves; undefined where the case has none.
Tensors operands(const Case& k, std::int64_t gates, DType dtype) {
    std::uint64_t stream = 0;
    const auto draw = [&](const Shape& shape) {
        return uniform(RandomKey{3, ++stream}, shape, -0.5, 0.5, f32).to(dtype).require_grad();
    };
    const auto width = gates * k.units;
    const Tensor state = k.states ? draw({k.batch, k.units}) : Tensor(),
                 cell = k.states && gates == 4 ? draw({k.batch, k.units}) : Tensor();
    return {draw({k.batch, k.steps, k.features}),
            state,
            cell,
            draw({k.features, width}),
            draw({k.units, width}),
            k.bias ? draw(gates == 4 ? Shape{width} : Shape{2, width}) : Tensor()};
}
Tensors run(const Tensors& x, std::int64_t gates, bool fused, const RecurrentOptions& options) {
    if (gates == 4) {
        const auto r = (fused ? lstm : detail::lstm_by_steps)(x[0], x[1], x[2], x[3], x[4], x[5], options);
        return options.sequences ? Tensors{r.outputs, r.h, r.c} : Tensors{r.h, r.c};
    }
    const auto r = (fused ? gru : detail::gru_by_steps)(x[0], x[1], x[3], x[4], x[5], options);
    return options.sequences ? Tensors{r.outputs, r.h} : Tensors{r.h};
}
/// The outputs, then the gradients of every operand for a fixed direction.
Tensors everything(const Case& k, std::int64_t gates, bool fused, DType dtype = f64) {
    const Tensors x = operands(k, gates, dtype);
    const Tensor mask = k.masked ? uniform(RandomKey{4, 1}, {k.batch, k.steps}) > 0.4 : Tensor();
    Tensors all = run(x, gates, fused, {.mask = mask, .sequences = k.sequences});
    Tensor total;
    for (std::uint64_t i = 0; const Tensor& y : all) {
        const Tensor part = sum(y * uniform(RandomKey{5, ++i}, y.shape(), -1, 1, f32).to(dtype));
        total = total.defined() ? total + part : part;
    }
    for (const Tensor& leaf : x)
        if (leaf.defined()) all.push_back(grad(total, leaf, {.retain_graph = true, .unused = Unused::zeros}));
    return all;
}
double apart(const Tensors& a, const Tensors& b) {
    REQUIRE(a.size() == b.size());
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        REQUIRE(a[i].shape() == b[i].shape());
        const Tensor x = a[i].detach().to(f64), y = b[i].detach().to(f64);
        if (x.numel()) worst = std::max(worst, max(abs(x - y)).item() / (1 + max(abs(y)).item()));
    }
    return worst;
}
const std::vector<Case> cases{
    {3, 4, 2, 5, true, true, false, true},      {3, 4, 2, 5, false, false, false, true},
    {1, 1, 1, 1, false, true, false, true},     {2, 5, 3, 8, true, true, true, true},
    {40, 3, 2, 17, true, true, true, true},     {40, 3, 2, 16, false, true, true, false},
    {33, 2, 40, 32, true, false, false, false}, {2, 3, 5, 300, true, true, true, true},
    {2, 2, 600, 120, true, true, false, true},  {0, 3, 2, 4, true, true, false, true},
};
}  // namespace

TEST_CASE("the fused recurrent operations agree with their composition", "[recurrent]") {
    for (const Case& k : cases)
        for (const std::int64_t gates : {3, 4}) {
            INFO(gates << " gates, batch " << k.batch << ", " << k.steps << " steps, " << k.units << " units");
            CHECK(apart(everything(k, gates, true), everything(k, gates, false)) < 1e-13);
            CHECK(apart(everything(k, gates, true, f32), everything(k, gates, false)) < 2e-5);
        }
}

TEST_CASE("the fused recurrent operations give the same bits for any number of threads", "[recurrent]") {
    const Case k{70, 20, 24, 64, true, true, true, true};
    for (const std::int64_t gates : {3, 4}) {
        set_num_threads(1);
        const Tensors one = everything(k, gates, true, f32);
        for (const int threads : {2, 4}) {
            set_num_threads(threads);
            CHECK(apart(everything(k, gates, true, f32), one) == 0);
        }
    }
    set_num_threads(0);
}

TEST_CASE("a recurrent operation can be used twice, and notices a change in place", "[recurrent]") {
    const Tensor kernel = randn({2, 8}).require_grad(), recurrent = randn({2, 8}).require_grad();
    const auto total = [&] { return sum(lstm(randn({3, 4, 2}), {}, {}, kernel, recurrent, {}).outputs); };
    const Tensor y = total();
    const Tensor once = grad(y, kernel, {.retain_graph = true});
    CHECK(array_equal(grad(y, kernel, {.retain_graph = true}), once));
    {
        const NoGrad unrecorded;
        recurrent[0] = 1;
    }
    CHECK_THROWS_WITH(y.backward(),
                      "backward of lstm: expected its saved value of shape (2, 8) unchanged, got it "
                      "changed in place by index assignment");
}

TEST_CASE("recurrent operations refuse in these words", "[recurrent]") {
    const Tensor x = zeros({2, 3, 4}), k = zeros({4, 20}), r = zeros({5, 20}), none_given;
    CHECK_THROWS_WITH(lstm(zeros({2, 3}), {}, {}, k, r, {}),
                      "lstm: expected x (batch, steps, features) with at least one step, got (2, 3)");
    CHECK_THROWS_WITH(lstm(zeros({2, 0, 4}), {}, {}, k, r, {}),
                      "lstm: expected x (batch, steps, features) with at least one step, got (2, 0, 4)");
    CHECK_THROWS_WITH(lstm(x, {}, {}, zeros({4, 15}), r, {}),
                      "lstm: expected kernel (4, 4 units) and recurrent_kernel (units, 4 units), got (4, 15) and (5, "
                      "20)");
    CHECK_THROWS_WITH(lstm(x, zeros({2, 4}), {}, k, r, {}),
                      "lstm: expected initial states of shape (2, 5), got (2, 4)");
    CHECK_THROWS_WITH(lstm(x, {}, zeros({5}), k, r, {}), "lstm: expected initial states of shape (2, 5), got (5,)");
    CHECK_THROWS_WITH(lstm(x, {}, {}, k, r, zeros({5})), "lstm: expected a bias of shape (20,), got (5,)");
    CHECK_THROWS_WITH(lstm(x, {}, {}, k, r, {}, {.mask = ones({2, 3})}),
                      "lstm: expected a mask of bools of shape (2, 3), got float32 of (2, 3)");
    CHECK_THROWS_WITH(lstm(x, {}, {}, k, r, {}, {.mask = full({2, 4}, true, boolean)}),
                      "lstm: expected a mask of bools of shape (2, 3), got bool of (2, 4)");
    CHECK_THROWS_WITH(gru(x, {}, zeros({4, 15}), zeros({5, 15}), zeros({15})),
                      "gru: expected a bias of shape (2, 15), got (15,)");
}
