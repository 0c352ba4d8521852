// Log-likelihood of a Gaussian mixture with a prior on the precisions.
#include <cmath>
#include "case.h"
using namespace xg;

namespace adbench {

namespace {
struct Mixture {
    Tensor x;
    double gamma, m;
    std::int64_t n, d, k;
};
/// What every point needs of the parameters: all Q_j side by side, Q_j mu_j, and alpha_j + sum q_j.
struct Prepared {
    Tensor factors, shifts, offsets;
};

Prepared prepare(const Mixture& g, const Tensor& alphas, const Tensor& means, const Tensor& icf) {
    const auto d = g.d, k = g.k;
    // A row of icf is q, then the columns below the diagonal; each entry of Q transposed is one of it, or 0.
    Tensor place = zeros({d, d}, i64);
    for (std::int64_t column = 0, next = d; column < d; ++column)
        for (std::int64_t row = 0; row < d; ++row)
            place(column, row) = row < column ? d * (d + 1) / 2 : row == column ? row : next++;
    const Tensor q = icf(all, Slice(0, d)), below = icf(all, Slice(d, none));
    const Tensor entries = concatenate({exp(q), below, zeros({k, 1}, f64)}, 1);
    const Tensor transposed = take(entries, place, 1);  // (k, column, row)
    return {reshape(transpose(transposed, {1, 0, 2}), {d, k * d}),
            reshape(matmul(reshape(means, {k, 1, d}), transposed), {k * d}), alphas + sum(q, 1)};
}
/// The sum over some points of log sum_j exp(t_ij).
Tensor of_points(const Mixture& g, const Prepared& p, const Tensor& x) {
    const Tensor y = matmul(x, p.factors) - p.shifts;
    const Tensor squares = sum(reshape(y * y, {x.shape()[0], g.k, g.d}), -1);
    return sum(logsumexp(p.offsets - 0.5 * squares, -1));
}
/// What does not depend on the points.
Tensor prior(const Mixture& g, const Tensor& alphas, const Tensor& icf) {
    const double d = double(g.d), v = d + g.m + 1;
    double log_gamma = 0.25 * d * (d - 1) * std::log(M_PI);
    for (int j = 1; j <= g.d; ++j) log_gamma += std::lgamma(v / 2 + (1 - j) / 2.0);
    const double constant = v * d * (std::log(g.gamma) - 0.5 * std::log(2.0)) - log_gamma;
    const Tensor q = icf(all, Slice(0, g.d)), below = icf(all, Slice(g.d, none));
    const Tensor w =
        0.5 * g.gamma * g.gamma * (sum(exp(2 * q)) + sum(below * below)) - g.m * sum(q) - double(g.k) * constant;
    return w - double(g.n) * logsumexp(alphas) - 0.5 * double(g.n) * d * std::log(2 * M_PI);
}
/// Calls f with some points at a time, so that what is computed of them stays in the cache.
template <class F> void in_parts(const Mixture& g, const F& f) {
    const auto rows = std::max<std::int64_t>(16, 32'768 / (g.k * g.d));
    for (std::int64_t first = 0; first < g.n; first += rows) f(slice(g.x, first, std::min(g.n, first + rows)));
}

double objective(const Mixture& g, const Tensor& alphas, const Tensor& means, const Tensor& icf) {
    const NoGrad unrecorded;
    const Prepared p = prepare(g, alphas, means, icf);
    double total = prior(g, alphas, icf).item();
    in_parts(g, [&](const Tensor& x) { total += of_points(g, p, x).item(); });
    return total;
}
std::vector<Tensor> gradient(const Mixture& g, const Tensor& alphas, const Tensor& means, const Tensor& icf) {
    const Tensor a = alphas.detach().require_grad(), mu = means.detach().require_grad(),
                 c = icf.detach().require_grad();
    const Prepared p = prepare(g, a, mu, c);
    // Part by part into what all parts share; from there on once.
    const Prepared shared{p.factors.detach().require_grad(), p.shifts.detach().require_grad(),
                          p.offsets.detach().require_grad()};
    in_parts(g, [&](const Tensor& x) { of_points(g, shared, x).backward(); });
    const Tensor total = prior(g, a, c) + sum(p.factors * shared.factors.grad()) +
                         sum(p.shifts * shared.shifts.grad()) + sum(p.offsets * shared.offsets.grad());
    return grad(total, std::vector<Tensor>{a, mu, c});
}
}  // namespace

void gmm(const std::string& data, Report& report) {
    Numbers file(data);
    Mixture g;
    g.d = file.integer(), g.k = file.integer(), g.n = file.integer();
    const Tensor alphas = file.tensor({g.k}), means = file.tensor({g.k, g.d}),
                 icf = file.tensor({g.k, g.d * (g.d + 1) / 2});
    g.x = file.tensor({g.n, g.d});
    const auto& expected = report.expected();
    g.gamma = expected.value("wishart_gamma", file.real()), g.m = expected.value("wishart_m", file.real());

    report.compare("objective", objective(g, alphas, means, icf), expected.at("objective"), 1e-12);
    const auto slopes = gradient(g, alphas, means, icf);
    Tensors flat;
    for (const Tensor& each : slopes) flat.push_back(reshape(each, {-1}));
    report.check_sums("gradient", concatenate(flat), expected.at("gradient_checks"));
    const char* names[] = {"alphas", "means", "icf"};
    const double largest = expected.at("gradient_checks").at("abs_max").number();
    for (int i = 0; i < 3; ++i)
        if (expected.contains("gradient"))
            report.compare(names[i], slopes[std::size_t(i)], expected["gradient"].at(names[i]), largest);
    report.objective_seconds = seconds([&] { objective(g, alphas, means, icf); });
    report.gradient_seconds = seconds([&] { gradient(g, alphas, means, icf); });
}

}  // namespace adbench
