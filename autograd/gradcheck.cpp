#include "gradcheck.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include "../tensor/create.h"
#include "../tensor/random.h"
#include "node.h"
#include "ops/arithmetic.h"
#include "ops/layout.h"
#include "ops/reduction.h"

namespace xg {

namespace {
constexpr std::int64_t whole_jacobian = 16'384;
constexpr int directions = 3, single_entries = 32;

double dot(const Tensor& a, const Tensor& b) {
    double total = 0;
    for (std::int64_t i = 0; i < a.numel(); ++i) total += a.raw<double>()[i] * b.raw<double>()[i];
    return total;
}
/// Entries of +-1, so that no sum of errors of one sign hides another.
Tensor signs(const Shape& shape, RandomKey key) { return (uniform(key, shape, 0, 1, f64) > 0.5).to(f64) * 2 - 1; }

struct Estimate {
    Tensor value;
    double error;  // of the largest entry
};

/// One check of one function: f's output is a tensor, its inputs are leaves.
class Check {
public:
    Check(const TensorFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options,
          const std::vector<std::string>& names)
        : f_(f), options_(options), names_(names) {
        for (const Tensor& x : inputs) at_.push_back(x.detach().copy());
    }

    void run(GradcheckReport& report) {
        std::vector<Tensor> leaves;
        for (const Tensor& x : at_) leaves.push_back(x.detach().copy().require_grad());
        const Tensor y = f_(leaves);
        if (y.dtype() != f64)
            return refuse(report, fmt::format("gradcheck: expected a float64 result, got {}", name_of(y.dtype())));
        std::int64_t size = 0;
        for (const Tensor& x : at_) size += x.numel();
        const bool same_bits = [&] {
            const Tensor again = value(at_);
            return again.shape() == y.shape() &&
                   !std::memcmp(again.raw<char>(), y.raw<char>(), std::size_t(y.numel()) * 8);
        }();
        if (!same_bits) return refuse(report, "gradcheck: expected the same bits from a second evaluation, got others");
        if (y.numel() == 0 || size == 0) return empty(report, y, leaves);
        if (size * y.numel() <= whole_jacobian) whole(report, y, leaves);
        else sampled(report, y, leaves);
    }

private:
    Tensor value(const std::vector<Tensor>& x) const {
        NoGrad unrecorded;
        return f_(x);
    }
    static void refuse(GradcheckReport& report, std::string why) {
        report.ok = false;
        report.message = std::move(why);
    }
    std::vector<Tensor> gradients(const Tensor& y, const std::vector<Tensor>& leaves, const Tensor& dy) const {
        return grad(sum(y * dy), leaves, {.retain_graph = true, .unused = Unused::zeros});
    }
    std::string name(std::size_t input) const {
        return input < names_.size() ? names_[input] : fmt::format("input {}", input);
    }

    /// d f(x + t v) / dt at 0: Richardson's extrapolation, twice, of central differences.
    Estimate along(const std::vector<Tensor>& v, double scale) const {
        const auto central = [&](double h) {
            const auto moved = [&](double by) {
                std::vector<Tensor> x;
                for (std::size_t i = 0; i < at_.size(); ++i) x.push_back(v[i].defined() ? at_[i] + v[i] * by : at_[i]);
                return value(x);
            };
            return (moved(h) - moved(-h)) * (0.5 / h);
        };
        const double h = 8e-3 * scale;
        const Tensor a = central(h), b = central(h / 2), c = central(h / 4);
        const Tensor ab = (4 * b - a) / 3, bc = (4 * c - b) / 3, best = (16 * bc - ab) / 15;
        double error = 0;
        for (std::int64_t i = 0; i < best.numel(); ++i)
            error = std::max(error, std::fabs(best.raw<double>()[i] - bc.raw<double>()[i]));
        return {best, error};
    }
    Estimate along_entry(std::size_t input, std::int64_t element) const {
        std::vector<Tensor> v(at_.size());
        v[input] = zeros(at_[input].shape(), f64);
        v[input].raw<double>()[element] = 1;
        return along(v, std::max(1.0, std::fabs(at_[input].raw<double>()[element])));
    }

    void compare(GradcheckReport& report, const GradcheckEntry& entry, double error) const {
        ++report.entries;
        const double off = entry.absolute(),
                     most = options_.atol +
                            options_.rtol * std::max(std::fabs(entry.numeric), std::fabs(entry.analytic)) + 10 * error;
        const bool fits = off <= most;  // false for NaN
        const double now = report.worst.absolute();
        if (report.entries == 1 || (report.ok && !fits) || (report.ok != fits ? false : !(off <= now)))
            report.worst = entry;
        if (!fits) refuse(report, "gradcheck: expected the numeric derivative, got another");
    }

    void whole(GradcheckReport& report, const Tensor& y, const std::vector<Tensor>& leaves) const {
        std::vector<std::vector<Tensor>> rows;
        for (std::int64_t o = 0; o < y.numel(); ++o) {
            Tensor dy = zeros(y.shape(), f64);
            dy.raw<double>()[o] = 1;
            rows.push_back(gradients(y, leaves, dy));
            if (!fit(report, rows.back())) return;
        }
        for (std::size_t i = 0; i < at_.size(); ++i)
            for (std::int64_t k = 0; k < at_[i].numel(); ++k) {
                const Estimate column = along_entry(i, k);
                for (std::int64_t o = 0; o < y.numel(); ++o)
                    compare(report,
                            {name(i), k, o, rows[std::size_t(o)][i].raw<double>()[k], column.value.raw<double>()[o]},
                            column.error);
            }
    }

    void sampled(GradcheckReport& report, const Tensor& y, const std::vector<Tensor>& leaves) const {
        auto next = [&, stream = std::uint64_t(0)]() mutable { return RandomKey{options_.seed, stream++}; };
        for (int d = 0; d < directions; ++d) {
            const Tensor dy = signs(y.shape(), next());
            const auto dx = gradients(y, leaves, dy);
            if (!fit(report, dx)) return;
            for (std::size_t i = 0; i < at_.size(); ++i) {
                std::vector<Tensor> v(at_.size());
                v[i] = signs(at_[i].shape(), next());
                const Estimate e = along(v, 1 / std::sqrt(double(at_[i].numel())));
                compare(report, {name(i), -1, -1, dot(dx[i], v[i]), dot(e.value, dy)},
                        e.error * std::sqrt(double(y.numel())));
            }
        }
        const Tensor dy = signs(y.shape(), next());
        const auto dx = gradients(y, leaves, dy);
        for (std::size_t i = 0; i < at_.size(); ++i)
            for (const std::int64_t k : corners_and_others(at_[i], next())) {
                const Estimate column = along_entry(i, k);
                compare(report, {name(i), k, -1, dx[i].raw<double>()[k], dot(column.value, dy)},
                        column.error * std::sqrt(double(y.numel())));
            }
    }
    /// First, last, every corner of the array, and random elements.
    static std::vector<std::int64_t> corners_and_others(const Tensor& x, RandomKey key) {
        std::vector<std::int64_t> all;
        if (x.numel() == 0) return all;
        for (unsigned corner = 0; corner < 1u << x.rank(); ++corner) {
            std::int64_t at = 0;
            for (int a = 0; a < x.rank(); ++a) at = at * x.shape()[a] + (corner >> a & 1 ? x.shape()[a] - 1 : 0);
            all.push_back(at);
        }
        const Tensor others = uniform(key, {single_entries}, 0, double(x.numel()), f64);
        for (double o : others.data<double>()) all.push_back(std::min(std::int64_t(o), x.numel() - 1));
        std::ranges::sort(all);
        all.erase(std::unique(all.begin(), all.end()), all.end());
        return all;
    }

    void empty(GradcheckReport& report, const Tensor& y, const std::vector<Tensor>& leaves) const {
        if (y.requires_grad()) fit(report, gradients(y, leaves, ones(y.shape(), f64)));
    }
    /// Gradients have their inputs' shape and dtype.
    bool fit(GradcheckReport& report, const std::vector<Tensor>& dx) const {
        for (std::size_t i = 0; i < dx.size(); ++i)
            if (!(dx[i].shape() == at_[i].shape()) || dx[i].dtype() != f64) {
                refuse(report, fmt::format("gradcheck: expected a float64 gradient of shape {} for {}, got {} {}",
                                           at_[i].shape(), name(i), name_of(dx[i].dtype()), dx[i].shape()));
                return false;
            }
        return true;
    }

    const TensorFunction& f_;
    const GradcheckOptions& options_;
    const std::vector<std::string>& names_;
    std::vector<Tensor> at_;
};
}  // namespace

double GradcheckEntry::absolute() const { return std::fabs(analytic - numeric); }
double GradcheckEntry::relative() const {
    return absolute() / std::max({std::fabs(analytic), std::fabs(numeric), 1e-300});
}

std::string to_string(const GradcheckReport& r) {
    const auto& w = r.worst;
    if (r.ok) return fmt::format("gradients agree: {} entries, largest difference {:.1e}", r.entries, w.absolute());
    if (!r.entries) return r.message;
    const std::string element = w.index < 0 ? "along a random direction" : fmt::format("element {}", w.index);
    const std::string output =
        w.output < 0 ? "a weighted sum of the output" : fmt::format("output element {}", w.output);
    return fmt::format(
        "{} (order {}): d {} / d {} {}: analytic {:.17g}, numeric {:.17g}, absolute {:.1e}, relative {:.1e}", r.message,
        r.order, output, w.input, element, w.analytic, w.numeric, w.absolute(), w.relative());
}

GradcheckReport gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options,
                          const std::vector<std::string>& names) {
    GradcheckReport report;
    for (const Tensor& x : inputs)
        require<std::invalid_argument>(x.dtype() == f64,
                                       "gradcheck: expected float64 inputs (float32 cannot tell a wrong gradient from "
                                       "rounding), got {}; make them with x.to(f64)",
                                       name_of(x.dtype()));
    Check(f, inputs, options, names).run(report);
    if (!report.ok || options.order < 2) return report;
    // The gradient of a weighted sum of the output, weighted again: one scalar whose gradient every second derivative
    // enters.
    const TensorFunction slope = [&](const std::vector<Tensor>& x) {
        GradMode recording(true);
        std::vector<Tensor> leaves;
        for (const Tensor& v : x) leaves.push_back(v.requires_grad() ? v : v.detach().require_grad());
        const Tensor y = f(leaves);
        const auto dx = grad(sum(y * (signs(y.shape(), {options.seed, 1'000}) +
                                      uniform(RandomKey{options.seed, 1'001}, y.shape(), -0.5, 0.5, f64))),
                             leaves, {.create_graph = true, .unused = Unused::zeros});
        Tensor total = zeros({}, f64);
        for (std::size_t i = 0; i < dx.size(); ++i)
            total = total + sum(dx[i] * uniform(RandomKey{options.seed, 2'000 + i}, dx[i].shape(), 0.5, 1.5, f64));
        return total;
    };
    GradcheckOptions second = options;
    second.rtol = std::max(options.rtol, 1e-6);
    GradcheckReport next;
    next.order = 2;
    Check(slope, inputs, second, names).run(next);
    next.entries += report.entries;
    return next;
}

}  // namespace xg
