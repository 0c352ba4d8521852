// W13: single operations on (4096, 1024) and like sizes; and elementwise ones with every way to broadcast, 1 K to 10 M.
#include <dnnl.h>
#include <fmt/core.h>
#include <memory>
#include "../../xgrad.h"
#include "../bounds/loops.h"
#include "../harness.h"
using namespace xg;

namespace bench {

namespace {
using Operation = std::function<Tensor()>;
using Loop = std::function<void(float* out)>;

Tensor random(const Shape& shape, std::uint64_t stream = 0) { return normal(RandomKey{13, stream}, shape); }
template <class F> Work repeat(F f) {
    return {[f](int steps) {
        for (int i = 0; i < steps; ++i) f();
    }};
}
double relative_difference(const Tensor& a, const Tensor& b) {
    return xg::max(xg::abs(a - b)).item() / std::max(1e-30, xg::max(xg::abs(b)).item());
}
/// `set_up` gives the operation and the loop, over the same operands.
Case operation(Case c, std::function<std::pair<Operation, Loop>()> set_up) {
    c.make = [=] { return repeat([f = set_up().first] { f(); }); };
    if (!set_up) return c;
    c.bound = [=] {
        const auto both = set_up();
        const Tensor out = zeros_like(both.first());
        return repeat([out, loop = both.second] { loop(out.raw<float>()); });
    };
    c.difference = [=] {
        const auto [f, loop] = set_up();
        const Tensor ours = f(), theirs = zeros_like(ours);
        loop(theirs.raw<float>());
        return relative_difference(ours, theirs);
    };
    return c;
}

/// Beside the library's own call on memory that stays where it is.
Case product(const char* metric, std::int64_t m, std::int64_t k, std::int64_t n) {
    return operation(
        {.workload = "W13", .metric = metric, .unit = "ms", .flops = 2.0 * double(m) * double(n) * double(k)}, [=] {
            const Tensor a = random({m, k}), b = random({k, n}, 1);
            return std::pair<Operation, Loop>(
                [=] { return matmul(a, b); },
                [=](float* out) { dnnl_sgemm('N', 'N', m, n, k, 1, a.raw<float>(), k, b.raw<float>(), n, 0, out, n); });
        });
}
const Register small(product("matmul_64x784x256", 64, 784, 256)), middle(product("matmul_256", 256, 256, 256)),
    large(product("matmul_1024", 1024, 1024, 1024));

constexpr std::int64_t rows = 4096, columns = 1024;
Case whole(const char* metric, double bytes) {
    return {.workload = "W13", .metric = metric, .unit = "ms", .bytes = bytes};
}
const Register softmax_rows(operation(whole("softmax_4096x1000", 8.0 * rows * 1000),
                                      [] {
                                          const Tensor x = random({rows, 1000});
                                          return std::pair<Operation, Loop>(
                                              [=] { return softmax(x); },
                                              [=](float* out) { loops::softmax(out, x.raw<float>(), rows, 1000); });
                                      })),
    sum_down(operation(whole("sum_axis0", 4.0 * rows * columns),
                       [] {
                           const Tensor x = random({rows, columns});
                           return std::pair<Operation, Loop>(
                               [=] { return sum(x, 0); },
                               [=](float* out) { loops::sum_rows(out, x.raw<float>(), rows, columns); });
                       })),
    sum_across(operation(whole("sum_axis1", 4.0 * rows * columns),
                         [] {
                             const Tensor x = random({rows, columns});
                             return std::pair<Operation, Loop>(
                                 [=] { return sum(x, 1); },
                                 [=](float* out) { loops::sum_columns(out, x.raw<float>(), rows, columns); });
                         })),
    sum_all(operation(whole("sum_all", 4.0 * rows * columns), [] {
        const Tensor x = random({rows, columns});
        return std::pair<Operation, Loop>(
            [=] { return sum(x); },
            [=](float* out) { *out = loops::sum_of(x.raw<float>(), rows * columns, [](loops::B v) { return v; }); });
    }));

/// f of tensors and of vectors, one operand.
template <class F> Case function(const char* metric, F f) {
    return operation(whole(metric, 8e6), [=] {
        const Tensor x = random({1'000'000});
        return std::pair<Operation, Loop>([=] { return f(x); },
                                          [=](float* out) { loops::unary(out, x.raw<float>(), x.numel(), f); });
    });
}
const Register exponential(function("exp_1e6", [](const auto&x) { return exp(x); })),
    tangent(function("tanh_1e6", [](const auto&x) { return tanh(x); })),
    logistic(function("sigmoid_1e6", [](const auto&x) { return sigmoid(x); })),
    error(function("erf_1e6", [](const auto&x) { return erf(x); }));
const Register approximate_gelu(operation(whole("gelu_1e6", 8e6), [] {
    const Tensor x = random({1'000'000});
    return std::pair<Operation, Loop>([=] { return gelu(x, {.approximate = true}); },
                                      [=](float* out) {
                                          loops::unary(out, x.raw<float>(), x.numel(), [](loops::B v) {
                                              return 0.5 * v *
                                                     (1 + tanh(0.7978845608028654 * (v + 0.044715 * v * v * v)));
                                          });
                                      });
}));

/// a * b with b of a's shape, a scalar, a row or a column; rows of 100.
Case broadcasting(const char* how, std::int64_t n) {
    Case c{.workload = "elementwise",
           .metric = fmt::format("{}_{}", how, n),
           .unit = "ns",
           .per = double(n),
           .bytes = (how == std::string("full") ? 12.0 : 8.0) * double(n)};
    return operation(c, [=, kind = std::string(how)] {
        const std::int64_t across = 100, down = n / across;
        const Tensor a = random({down, across});
        const Tensor b = random(kind == "full"     ? Shape{down, across}
                                : kind == "row"    ? Shape{across}
                                : kind == "column" ? Shape{down, 1}
                                                   : Shape{},
                                1);
        const auto times = [](auto x, auto y) { return x * y; };
        return std::pair<Operation, Loop>([=] { return a * b; },
                                          [=](float* out) {
                                              const float *x = a.raw<float>(), *y = b.raw<float>();
                                              if (kind == "full") loops::binary(out, x, y, n, times);
                                              else if (kind == "row") loops::with_row(out, x, y, down, across, times);
                                              else if (kind == "column")
                                                  loops::with_column(out, x, y, down, across, times);
                                              else
                                                  loops::unary(out, x, n,
                                                               [v = loops::B(*y)](loops::B u) { return u * v; });
                                          });
    });
}
const bool registered = [] {
    for (const std::int64_t n : {1'000, 10'000, 100'000, 1'000'000, 10'000'000})
        for (const char* how : {"full", "scalar", "row", "column"}) Register(broadcasting(how, n));
    return true;
}();
}  // namespace

}  // namespace bench
