#include <pthread.h>
#include <functional>
#include <stdexcept>
#include "../catch.h"
#include "../sanitized.h"
#include "../../xgrad.h"
using namespace xg;

namespace {
/// Runs f on a thread with a stack of 256 KiB and hands on what it throws.
void on_small_stack(std::function<void()> f) {
    struct Call {
        std::function<void()> f;
        std::exception_ptr error;
    } call{std::move(f), {}};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    pthread_t thread;
    REQUIRE(pthread_create(
                &thread, &attributes,
                [](void* p) -> void* {
                    auto* c = static_cast<Call*>(p);
                    try {
                        c->f();
                    } catch (...) { c->error = std::current_exception(); }
                    return nullptr;
                },
                &call) == 0);
    pthread_join(thread, nullptr);
    if (call.error) std::rethrow_exception(call.error);
}

/// Tensors and nodes alive before and after.
class Balance {
public:
    Balance() : before_(memory_stats()) {}
    void check() const {
        const auto now = memory_stats();
        CHECK(now.tensors == before_.tensors);
        CHECK(now.nodes == before_.nodes);
        CHECK(now.live_bytes == before_.live_bytes);
    }

private:
    MemoryStats before_;
};
std::vector<double> values(const Tensor& t) {
    const Tensor d = t.detach().to(f64);
    return {d.data<double>().begin(), d.data<double>().end()};
}
#ifdef XGRAD_SANITIZED
constexpr int deep = 100'000;
#else
constexpr int deep = 1'000'000;
#endif
}  // namespace

TEST_CASE("backward adds to leaves and grad leaves them alone", "[engine]") {
    const Tensor x = tensor<double>({1, 2}).require_grad();
    const Tensor y = sum(x * x);
    CHECK(values(grad(y, x, {.retain_graph = true})) == std::vector<double>{2, 4});
    CHECK_FALSE(x.grad().defined());
    backward(y, {.retain_graph = true});
    y.backward();
    CHECK(values(x.grad()) == std::vector<double>{4, 8});
    x.zero_grad();
    CHECK_FALSE(x.grad().defined());
}

TEST_CASE("a tensor used several times gets the sum, in either order of use", "[engine]") {
    const Tensor x = tensor<double>({3}).require_grad();
    const Tensor y = x + x, z = y * x + y;
    CHECK(values(grad(sum(z), x)) == std::vector<double>{14});  // 2x^2 + 2x
    const Tensor first = x * 2, second = x * 3;
    CHECK(values(grad(sum(second + first * second), x)) == std::vector<double>{39});  // 3x + 6x^2
}

TEST_CASE("create_graph differentiates to any order", "[engine]") {
    const Tensor x = tensor<double>({2}).require_grad();
    Tensor d = sum(x * x * x * x);
    const double expected[] = {32, 48, 48, 24};
    for (double e : expected) {
        d = grad(d, x, {.create_graph = true});
        CHECK(d.item() == e);
        d = sum(d);
    }
}

TEST_CASE("NoGrad and detach cut the graph", "[engine]") {
    const Tensor x = ones({2}).require_grad();
    {
        NoGrad guard;
        CHECK_FALSE((x * 2).requires_grad());
    }
    CHECK((x * 2).requires_grad());
    CHECK_FALSE(x.detach().requires_grad());
    CHECK(x.detach().raw<float>() == x.raw<float>());
    CHECK(values(grad(sum(x * x.detach()), x)) == std::vector<double>{1, 1});
}

TEST_CASE("an intermediate result can be asked for its gradient", "[engine]") {
    const Tensor x = tensor<double>({2, 3}).require_grad(), h = x * x;
    auto [dh, dx] = grad(sum(h * h), {h, x});
    CHECK(values(dh) == std::vector<double>{8, 18});
    CHECK(values(dx) == std::vector<double>{32, 108});
}

TEST_CASE("a change in place of a saved value names both operations", "[engine]") {
    Tensor x = tensor({1, 2, 3}).require_grad();
    const Tensor y = sum(tanh(x * 1) * x);
    x.mutable_data<float>()[0] = 5;
    CHECK_THROWS_WITH(y.backward(),
                      "backward of multiply: expected its saved value of shape (3,) unchanged, got it changed in place "
                      "by mutable_data");
    CHECK_FALSE(x.grad().defined());

    Tensor w = tensor({1, 2, 3});
    const Tensor loss = sum(x * w);
    w.window({1}, 2).assign(ones({1}));
    CHECK_THROWS_WITH(
        loss.backward(),
        "backward of multiply: expected its saved value of shape (3,) unchanged, got it changed in place by assign");

    Tensor unused = tensor({1, 2, 3}).require_grad();
    const Tensor total = sum(unused + x);  // add saves nothing
    unused.assign(zeros({3}));
    CHECK_NOTHROW(total.backward());
}

TEST_CASE("a graph can be used once unless it is retained", "[engine]") {
    const Tensor x = ones({2}).require_grad(), y = sum(exp(x));
    y.backward();
    CHECK_THROWS_WITH(y.backward(),
                      "backward: expected a graph not used before, got one through sum that was; pass retain_graph");
    const Tensor h = exp(x), one = sum(h), two = sum(h * 2);
    one.backward();
    CHECK_THROWS_WITH(two.backward(),
                      "backward: expected a graph not used before, got one through exp that was; pass retain_graph");
    CHECK_NOTHROW(sum(exp(x)).backward());
}

TEST_CASE("what cannot be differentiated says so", "[engine]") {
    const Tensor x = ones({2}).require_grad(), c = ones({2});
    CHECK_THROWS_WITH(
        sum(c).backward(),
        "backward: expected a tensor computed from one that requires a gradient, got one of shape () that was not");
    CHECK_THROWS_WITH((x * 2).backward(), "backward: expected a scalar, got shape (2,)");
    CHECK_THROWS_WITH(grad(sum(x), c), "grad: expected every x to require a gradient, got x number 0 that does not");
    const Tensor other = ones({2}).require_grad();
    CHECK_THROWS_WITH(grad(sum(x), {x, other}), "grad: expected y to depend on every x, got no path to x number 1");
    CHECK_THROWS_WITH(Tensor().backward(), "backward: expected a tensor, got an undefined one");
    CHECK_THROWS_WITH(arange(3).require_grad(), "require_grad: expected dtype float32 or float64, got int64");
}

TEST_CASE("an exception inside a rule leaves the engine usable and nothing behind", "[engine]") {
    const Balance balance;
    {
        const Tensor x = ones({2}).require_grad();
        const auto failing = [&](const Tensor& v) {
            return record(
                "failing", [&] { return v * 2; }, wrt(v, [](const Tensor& dy) -> Tensor {
                    if (dy.numel() > 0) throw std::runtime_error("no");
                    return dy;
                }));
        };
        const Tensor h = exp(x), y = sum(failing(h) + h * 3);
        CHECK_THROWS_WITH(y.backward(), "no");
        CHECK_FALSE(x.grad().defined());
        sum(exp(x)).backward();
        CHECK(x.grad().defined());
    }
    balance.check();
}

TEST_CASE("a chain of a million operations fits a stack of 256 KiB", "[engine][deep]") {
    const auto chain = [](const Tensor& x, int n) {
        Tensor y = x;
        for (int i = 0; i < n; ++i) y = y + x;
        return y;
    };
    const auto way =
        GENERATE(values<std::string>({"backward, then drop", "drop without backward", "exception in the middle",
                                      "views", "saved outputs", "create_graph", "release from a hook"}));
    const Balance balance;
    on_small_stack([&] {
        const Tensor x = ones({1}, f64).require_grad();
        if (way == "backward, then drop") {
            sum(chain(x, deep)).backward();
            CHECK(x.grad().item() == deep + 1);
        } else if (way == "drop without backward") {
            chain(x, deep);
        } else if (way == "exception in the middle") {
            try {
                const Tensor y = chain(x, deep / 2);
                throw std::runtime_error(std::to_string(y.item()));
            } catch (const std::runtime_error&) {}
        } else if (way == "views") {
            Tensor y = x;
            for (int i = 0; i < deep; ++i) y = reshape(y, i % 2 ? Shape{1} : Shape{1, 1});
            sum(y).backward();
            CHECK(x.grad().item() == 1);
        } else if (way == "saved outputs") {
            Tensor y = x * 0.5;
            for (int i = 0; i < deep; ++i) y = tanh(y);
            sum(y).backward();
            CHECK(x.grad().defined());
        } else if (way == "release from a hook") {
            Tensor y = chain(x, deep);
            const Hook hook = on_gradient(x, [&y](const Tensor& dy) {
                y = Tensor();  // the last handle of the graph that is running
                return dy;
            });
            sum(y).backward();
            CHECK(!y.defined());
            CHECK(x.grad().item() == deep + 1);
        } else {
            Tensor y = x;
            for (int i = 0; i < deep / 10; ++i) y = y * x;
            const Tensor first = grad(sum(y), x, {.create_graph = true});
            CHECK(grad(sum(first), x).item() == Approx(double(deep / 10 + 1) * (deep / 10)));
        }
    });
    balance.check();
}

TEST_CASE("an elementwise operation leaves two cache lines in the graph, and its value", "[engine]") {
    const Tensor x = ones({14}, f64).require_grad(), w = ones({14}, f64).require_grad();
    const auto bytes = [](const auto& f) {
        const auto before = memory_stats().live_bytes;
        const Tensor kept = f();
        return memory_stats().live_bytes - before;
    };
    const auto value = bytes([&] {
        const NoGrad unrecorded;
        return x * w;
    });
    CHECK(bytes([&] { return x + w; }) == value + 128);
    CHECK(bytes([&] { return x * w; }) == value + 128);
    CHECK(bytes([&] { return tanh(x); }) == value + 128);
}

TEST_CASE("ten thousand steps leave the counts of tensors, nodes and bytes unchanged", "[engine]") {
    Tensor w = ones({8, 8}, f64).require_grad();
    const Tensor x = full({4, 8}, 0.1, f64);
    const auto step = [&] {
        sum(tanh(matmul(x, w))).backward();
        w.zero_grad();
    };
    step();
    const Balance balance;
    for (int i = 0; i < 10'000; ++i) step();
    balance.check();
}
