// Random graphs of 5 to 60 operations: reverse and forward mode, the second order, and numeric derivatives agree. A
// program is a list of numbers, so one that fails is made shorter as long as it fails, and printed.
#include <cmath>
#include "../../xgrad.h"
#include "../catch.h"
using namespace xg;

namespace {
/// Draws numbers one after another.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15u + 1) {}
    std::uint64_t next() {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return state_ >> 33;
    }

private:
    std::uint64_t state_;
};
struct Step {
    std::uint64_t op, a, b, c;  // a, b, c choose among what there is by then
};
struct Program {
    std::vector<Shape> inputs;
    std::vector<Step> steps;
};
Program draw(std::uint64_t seed) {
    Dice dice(seed);
    Program p;
    const Shape shapes[] = {{}, {3}, {2, 3}, {2, 1}, {1, 3}, {2, 2}};
    for (auto n = 1 + dice.next() % 3; n > 0; --n) p.inputs.push_back(shapes[dice.next() % 6]);
    for (auto n = 5 + dice.next() % 56; n > 0; --n)
        p.steps.push_back({dice.next(), dice.next(), dice.next(), dice.next()});
    return p;
}
bool broadcasts(const Shape& a, const Shape& b) {
    for (int i = 1; i <= std::min(a.rank(), b.rank()); ++i)
        if (a[a.rank() - i] != b[b.rank() - i] && a[a.rank() - i] != 1 && b[b.rank() - i] != 1) return false;
    return true;
}
/// Kept within reach, so that values stay near 1 whatever is combined; smooth everywhere.
const char* const names[] = {"tanh",      "sin",      "softplus",     "sigmoid",     "sqrt",   "log",       "exp",
                             "add",       "multiply", "subtract",     "divide",      "matmul", "transpose", "reshape",
                             "sum",       "mean",     "slice",        "concatenate", "index",  "flip",      "softmax",
                             "logsumexp", "where",    "add in place", "power",       "cumsum"};
Tensor perform(const Step& s, const std::vector<Tensor>& pool) {
    const Tensor& a = pool[s.a % pool.size()];
    const Tensor& other = pool[s.b % pool.size()];
    const Tensor& b = broadcasts(a.shape(), other.shape()) ? other : a;
    switch (s.op % std::size(names)) {
        case 0:
            return tanh(a);
        case 1:
            return sin(a);
        case 2:
            return softplus(a);
        case 3:
            return sigmoid(a);
        case 4:
            return sqrt(1 + a * a);
        case 5:
            return log(2 + a * a);
        case 6:
            return exp(tanh(a));
        case 7:
            return tanh(a + b);
        case 8:
            return a * tanh(b);
        case 9:
            return sin(a - b);
        case 10:
            return a / (1.5 + b * b);
        case 11: {
            const Tensor left = reshape(a, {1, -1}), right = reshape(a, {-1, 1});
            return s.c % 2 ? tanh(matmul(left, right)) : tanh(matmul(right, left)(all, Slice(0, 1)));
        }
        case 12:
            return transpose(a);
        case 13:
            return reshape(a, {-1});
        case 14:
            return tanh(a.rank() ? sum(a, int(s.c % std::uint64_t(a.rank()))) : sum(a));
        case 15:
            return mean(a);
        case 16:
            return a.rank() ? slice(a, 0, 1) : a;
        case 17: {
            const Tensor u = reshape(a, {-1}), v = reshape(other, {-1});
            return slice(concatenate({u, v}), 0, std::min<std::int64_t>(3, u.numel() + v.numel()));
        }
        case 18:
            return a.rank() ? Tensor(a(tensor<std::int64_t>({0, 0, -1}))) : a;
        case 19:
            return flip(a, all);
        case 20:
            return a.rank() ? softmax(a) : a;
        case 21:
            return logsumexp(a, all, {.keepdims = s.c % 2 == 0});
        case 22:
            return where(reshape(mod(arange(a.numel()), 2), a.shape()) == 0, a * a, 0.3 * a);
        case 23: {  // what is recorded is never written to; what it meets may be
            Tensor scale = ones(a.shape(), f64);
            if (a.rank()) scale[0] *= 0.5, scale(ellipsis, -1) += 0.25;
            return a * scale;
        }
        case 24:
            return pow(1 + a * a, 0.7);
        default:
            return a.rank() ? tanh(cumsum(a, 0)) : a;
    }
}
Tensor run(const Program& p, const std::vector<Tensor>& inputs) {
    std::vector<Tensor> pool = inputs;
    for (const Step& s : p.steps) pool.push_back(perform(s, pool));
    Tensor total = zeros({}, f64);
    for (std::size_t i = pool.size() < 4 ? 0 : pool.size() - 4; i < pool.size(); ++i)
        total = total + mean(tanh(pool[i]));
    return total;
}
std::vector<Tensor> inputs_of(const Program& p, std::uint64_t seed) {
    std::vector<Tensor> xs;
    for (const Shape& s : p.inputs) xs.push_back(uniform(RandomKey{seed, xs.size()}, s, -1, 1, f64));
    return xs;
}
double dot(const std::vector<Tensor>& a, const std::vector<Tensor>& b) {
    double total = 0;
    for (std::size_t i = 0; i < a.size(); ++i) total += sum(a[i].detach() * b[i].detach()).item();
    return total;
}
/// "" if all ways agree to 1e-9.
std::string disagreement(const Program& p, std::uint64_t seed) {
    const auto at = inputs_of(p, seed), v = inputs_of(p, seed + 1'000'000), w = inputs_of(p, seed + 2'000'000);
    std::vector<Tensor> leaves;
    for (const Tensor& x : at) leaves.push_back(x.copy().require_grad());
    const Tensor y = run(p, leaves);
    if (!y.requires_grad()) return "";
    const auto slopes = grad(y, leaves, {.create_graph = true, .unused = Unused::zeros});
    const double reverse = dot(slopes, v);
    const Tensor tangent = Forward::sweep(y, leaves, v);
    const double forward = tangent.defined() ? tangent.item() : 0;
    // The second derivative along v and w: reverse over reverse, forward over reverse, numeric differences of
    // gradients.
    Tensor along = zeros({}, f64);
    for (std::size_t i = 0; i < v.size(); ++i) along = along + sum(slopes[i] * v[i]);
    double second_reverse = 0, second_forward = 0;
    if (along.requires_grad()) {
        second_reverse = dot(grad(along, leaves, {.retain_graph = true, .unused = Unused::zeros}), w);
        if (const Tensor t = Forward::sweep(along, leaves, w); t.defined()) second_forward = t.item();
    }
    // The slope along v at x + h w, by reverse mode; and values at x + h v: Richardson's extrapolation, twice.
    const auto moved = [&](const std::vector<Tensor>& direction, double h) {
        std::vector<Tensor> x;
        for (std::size_t i = 0; i < at.size(); ++i) x.push_back((at[i] + h * direction[i]).require_grad());
        return x;
    };
    const auto value = [&](double h) { return run(p, moved(v, h)).item(); };
    const auto slope = [&](double h) {
        const auto x = moved(w, h);
        const Tensor z = run(p, x);
        return dot(grad(z, x, {.unused = Unused::zeros}), v);
    };
    const auto numeric = [](const auto& f, double& error) {
        const auto central = [&](double h) { return (f(h) - f(-h)) / (2 * h); };
        const double h = 4e-3, a = central(h), b = central(h / 2), c = central(h / 4);
        const double ab = (4 * b - a) / 3, bc = (4 * c - b) / 3, best = (16 * bc - ab) / 15;
        error = 10 * std::fabs(best - bc);
        return best;
    };
    double error = 0, second_error = 0;
    const double difference = numeric(value, error), second_difference = numeric(slope, second_error);
    const auto apart = [](double a, double b, double slack) {
        return !(std::fabs(a - b) <= 1e-9 * std::max({1.0, std::fabs(a), std::fabs(b)}) + slack);
    };
    if (apart(reverse, forward, 0))
        return fmt::format("first order: reverse {:.15g}, forward {:.15g}", reverse, forward);
    if (apart(reverse, difference, error))
        return fmt::format("first order: reverse {:.15g}, numeric {:.15g}", reverse, difference);
    if (apart(second_reverse, second_forward, 0))
        return fmt::format("second order: reverse {:.15g}, forward {:.15g}", second_reverse, second_forward);
    if (apart(second_reverse, second_difference, second_error))
        return fmt::format("second order: reverse {:.15g}, numeric {:.15g}", second_reverse, second_difference);
    return "";
}
/// Steps are left out as long as what is left still fails.
Program shrunk(Program p, std::uint64_t seed) {
    for (std::size_t i = p.steps.size(); i-- > 0;) {
        Program smaller = p;
        smaller.steps.erase(smaller.steps.begin() + std::ptrdiff_t(i));
        if (!disagreement(smaller, seed).empty()) p = smaller;
    }
    return p;
}
std::string listing(const Program& p) {
    std::string text;
    for (const Step& s : p.steps) text += fmt::format("{}({}, {}) ", names[s.op % std::size(names)], s.a, s.b);
    return text;
}
}  // namespace

TEST_CASE("2,000 random programs have the same derivatives by reverse, forward and numeric methods", "[programs]") {
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        const Program p = draw(seed);
        const std::string wrong = disagreement(p, seed);
        if (wrong.empty()) continue;
        FAIL_CHECK("seed " << seed << ": " << wrong << "; shortest: " << listing(shrunk(p, seed)));
    }
    CHECK(draw(7).steps.size() >= 5);
}
