#include "gradcheck.h"
#include <algorithm>
#include <cmath>
#include <cstring>
#include "../tensor/create.h"
#include "../tensor/random.h"
#include "node.h"
#include "ops/arithmetic.h"
#include "ops/elementwise.h"
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
    Tensor value, error;  // of each element of the output
};
bool same_bits(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && a.dtype() == b.dtype() &&
           !std::memcmp(a.raw<char>(), b.raw<char>(), std::size_t(a.numel()) * size_of(a.dtype()));
}
std::int64_t count(const std::vector<Tensor>& xs) {
    std::int64_t n = 0;
    for (const Tensor& x : xs) n += x.numel();
    return n;
}

/// One check of one function: f's output is a tensor, its inputs are leaves.
class Check {
public:
    Check(const TensorFunction& f, const std::vector<Tensor>& inputs, const GradcheckOptions& options,
          const std::vector<std::string>& names, GradcheckReport& report)
        : f_(f), options_(options), names_(names), report_(report) {
        for (const Tensor& x : inputs) at_.push_back(x.detach().copy());
        leaves_ = at_;
        for (Tensor& x : leaves_) x = x.copy().require_grad();
    }

    void run() {
        {
            const Redraw same_random(random_);
            y_ = f_(leaves_);
        }
        if (y_.dtype() != f64)
            return refuse(fmt::format("gradcheck: expected a float64 result, got {}", name_of(y_.dtype())));
        for (std::size_t i = 0; i < at_.size(); ++i)
            if (!same_bits(leaves_[i], at_[i]))
                return refuse(fmt::format("gradcheck: expected f to leave its inputs alone, got {} changed", name(i)));
        if (!same_bits(value(at_), y_))
            return refuse("gradcheck: expected the same bits from a second evaluation, got others");
        if (!gradients_keep_the_rules() || y_.numel() == 0 || count(at_) == 0) return;
        if (count(at_) * y_.numel() <= whole_jacobian) whole();
        else sampled();
    }

private:
    Tensor value(const std::vector<Tensor>& x) const {
        const NoGrad unrecorded;
        const Redraw same_random(random_);
        return f_(x);
    }
    void refuse(std::string why) {
        report_.ok = false;
        report_.message = std::move(why);
    }
    std::vector<Tensor> gradients(const Tensor& dy) const {
        std::vector<Tensor> dx(at_.size());
        detail::grad_into(y_, dy, leaves_, dx.data(), {.retain_graph = true, .unused = Unused::zeros});
        return dx;
    }
    std::string name(std::size_t input) const {
        return input < names_.size() ? names_[input] : fmt::format("input {}", input);
    }
    RandomKey next_key() { return {options_.seed, stream_++}; }

    /// Shape and dtype, the same bits again, nothing from nothing, and what forward mode gives.
    bool gradients_keep_the_rules() {
        const Tensor dy = signs(y_.shape(), next_key());
        const auto dx = gradients(dy), again = gradients(dy), of_nothing = gradients(zeros_like(dy));
        std::vector<Tensor> v;
        double along_v = 0, size = 0;
        for (std::size_t i = 0; i < dx.size(); ++i) {
            if (!(dx[i].shape() == at_[i].shape()) || dx[i].dtype() != f64)
                return refuse(fmt::format("gradcheck: expected a float64 gradient of shape {} for {}, got {} {}",
                                          at_[i].shape(), name(i), name_of(dx[i].dtype()), dx[i].shape())),
                       false;
            if (!same_bits(dx[i], again[i]))
                return refuse(fmt::format("gradcheck: expected the same gradient of {} from a second run, got another",
                                          name(i))),
                       false;
            for (const double g : of_nothing[i].data<double>())
                if (g != 0)
                    return refuse(fmt::format("gradcheck: expected a gradient of {} that is 0 when the output's is, "
                                              "got {}",
                                              name(i), g)),
                           false;
            v.push_back(signs(at_[i].shape(), next_key()));
            along_v += dot(dx[i], v[i]);
            for (const double g : dx[i].data<double>()) size += std::fabs(g);
        }
        if (!y_.requires_grad()) return true;
        Tensor tangent;
        try {
            const NoGrad unrecorded;
            tangent = Forward::sweep(y_, leaves_, v);
        } catch (const std::logic_error&) {
            return true;  // a rule that is no operation on dy: it has no second derivative, but may well be right
        }
        const double forward = tangent.defined() ? dot(tangent, dy) : 0;
        if (std::fabs(forward - along_v) <= 1e-10 * (size + std::fabs(forward)) + options_.atol) return true;
        if (std::isnan(forward) && std::isnan(along_v)) return true;  // found and named below
        refuse(
            fmt::format("gradcheck: expected rules that are linear in dy, got {:.17g} in reverse and {:.17g} forward",
                        along_v, forward));
        return false;
    }

    Tensor moved(const std::vector<Tensor>& v, double by) const {
        std::vector<Tensor> x;
        for (std::size_t i = 0; i < at_.size(); ++i) x.push_back(v[i].defined() ? at_[i] + v[i] * by : at_[i]);
        return value(x);
    }
    /// d f(x + t v) / dt at 0: Richardson's extrapolation, twice, of central differences.
    Estimate along(const std::vector<Tensor>& v, double scale) const {
        const auto central = [&](double h) { return (moved(v, h) - moved(v, -h)) * (0.5 / h); };
        const double h = 8e-3 * scale;
        const Tensor a = central(h), b = central(h / 2), c = central(h / 4);
        const Tensor ab = (4 * b - a) / 3, bc = (4 * c - b) / 3, best = (16 * bc - ab) / 15;
        return {best, abs(best - bc)};
    }

    /// Compares entries about one direction, output by output (or their sum weighted by `dy`).
    void compare(std::size_t input, std::int64_t element, const std::vector<Tensor>& v, double scale, const Tensor& dy,
                 const std::function<double(std::int64_t)>& analytic) {
        const bool summed = dy.defined();
        Estimate e = along(v, scale);
        if (summed) e = {sum(e.value * dy), sum(e.error)};
        for (std::int64_t o = 0; o < e.value.numel(); ++o) {
            GradcheckEntry entry{name(input), element, summed ? -1 : o, analytic(o), e.value.raw<double>()[o]};
            bool fits = agree(entry, e.error.raw<double>()[o]);
            for (double closer = 1e-2; !fits && closer > 1e-5; closer *= 1e-2) {  // a kink may lie nearby
                Estimate near = along(v, scale * closer);
                if (summed) near = {sum(near.value * dy), sum(near.error)};
                GradcheckEntry other = entry;
                other.numeric = near.value.raw<double>()[o];
                if ((fits = agree(other, near.error.raw<double>()[o]))) entry = other;
            }
            ++report_.entries;
            if (!fits && is_kink(entry, v, scale, dy, o)) continue;
            const bool first = report_.entries == 1, worse = !(entry.absolute() <= report_.worst.absolute());
            if (first || (report_.ok && !fits) || (report_.ok == fits && worse)) report_.worst = entry;
            if (!fits) refuse("gradcheck: expected the numeric derivative, got another");
        }
    }
    bool agree(const GradcheckEntry& entry, double error) const {  // false for NaN
        return entry.absolute() <= options_.atol +
                                       options_.rtol * std::max(std::fabs(entry.numeric), std::fabs(entry.analytic)) +
                                       10 * error;
    }
    /// Two slopes that stay apart however close, with the rule's between them.
    bool is_kink(const GradcheckEntry& entry, const std::vector<Tensor>& v, double scale, const Tensor& dy,
                 std::int64_t o) {
        const auto at = [&](double by) {
            const Tensor y = moved(v, by);
            return dy.defined() ? dot(y, dy) : y.raw<double>()[o];
        };
        const double here = at(0);
        double left = 0, right = 0;
        for (const double h : {1e-4 * scale, 1e-6 * scale}) {
            left = (here - at(-h)) / h, right = (at(h) - here) / h;
            if (!(std::fabs(right - left) > 1e-3 * (std::fabs(left) + std::fabs(right)) + 1e-6)) return false;
        }
        const double slack = 1e-5 * (std::fabs(left) + std::fabs(right) + 1);
        if (!(std::min(left, right) - slack <= entry.analytic && entry.analytic <= std::max(left, right) + slack))
            return false;
        report_.kinks.push_back({entry, left, right});
        return true;
    }

    void along_entry(std::size_t i, std::int64_t k, const Tensor& dy,
                     const std::function<double(std::int64_t)>& analytic) {
        std::vector<Tensor> v(at_.size());
        v[i] = zeros(at_[i].shape(), f64);
        v[i].raw<double>()[k] = 1;
        compare(i, k, v, std::max(1.0, std::fabs(at_[i].raw<double>()[k])), dy, analytic);
    }
    void whole() {
        std::vector<std::vector<Tensor>> rows;
        for (std::int64_t o = 0; o < y_.numel(); ++o) {
            Tensor dy = zeros(y_.shape(), f64);
            dy.raw<double>()[o] = 1;
            rows.push_back(gradients(dy));
        }
        for (std::size_t i = 0; i < at_.size(); ++i)
            for (std::int64_t k = 0; k < at_[i].numel(); ++k)
                along_entry(i, k, {}, [&](std::int64_t o) { return rows[std::size_t(o)][i].raw<double>()[k]; });
    }
    void sampled() {
        for (int d = 0; d < directions; ++d) {
            const Tensor dy = signs(y_.shape(), next_key());
            const auto dx = gradients(dy);
            for (std::size_t i = 0; i < at_.size(); ++i) {
                std::vector<Tensor> v(at_.size());
                v[i] = signs(at_[i].shape(), next_key());
                compare(i, -1, v, 1 / std::sqrt(double(at_[i].numel())), dy,
                        [&](std::int64_t) { return dot(dx[i], v[i]); });
            }
        }
        const Tensor dy = signs(y_.shape(), next_key());
        const auto dx = gradients(dy);
        for (std::size_t i = 0; i < at_.size(); ++i)
            for (const std::int64_t k : corners_and_others(at_[i], next_key()))
                along_entry(i, k, dy, [&](std::int64_t) { return dx[i].raw<double>()[k]; });
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

    const TensorFunction& f_;
    const GradcheckOptions& options_;
    const std::vector<std::string>& names_;
    GradcheckReport& report_;
    std::vector<Tensor> at_, leaves_;
    Tensor y_;
    std::uint64_t stream_ = 0;
    mutable std::vector<RandomKey> random_;  // what f draws
};
}  // namespace

double GradcheckEntry::absolute() const { return std::fabs(analytic - numeric); }
double GradcheckEntry::relative() const {
    return absolute() / std::max({std::fabs(analytic), std::fabs(numeric), 1e-300});
}

std::string to_string(const GradcheckReport& r) {
    const auto& w = r.worst;
    std::string kinks;
    if (!r.kinks.empty()) {
        const auto& k = r.kinks[0];
        kinks = fmt::format("; {} suspected kink{}, the first at {} element {}: slopes {:.6g} and {:.6g}, rule {:.6g}",
                            r.kinks.size(), r.kinks.size() > 1 ? "s" : "", k.at.input, k.at.index, k.left, k.right,
                            k.at.analytic);
    }
    if (r.ok)
        return fmt::format("gradients agree: {} entries, largest difference {:.1e}{}", r.entries, w.absolute(), kinks);
    if (!r.entries) return r.message;
    const std::string element = w.index < 0 ? "along a random direction" : fmt::format("element {}", w.index);
    const std::string output =
        w.output < 0 ? "a weighted sum of the output" : fmt::format("output element {}", w.output);
    return fmt::format(
               "{} (order {}): d {} / d {} {}: analytic {:.17g}, numeric {:.17g}, absolute {:.1e}, relative {:.1e}",
               r.message, r.order, output, w.input, element, w.analytic, w.numeric, w.absolute(), w.relative()) +
           kinks;
}

namespace {
/// The gradient of a weighted sum of the output, weighted again: one scalar whose gradient every second derivative
/// enters.
TensorFunction slope_of(const TensorFunction& f, std::uint64_t seed) {
    return [&f, seed](const std::vector<Tensor>& x) {
        const GradMode recording(true);
        std::vector<Tensor> leaves;
        for (const Tensor& v : x) leaves.push_back(v.requires_grad() ? v : v.detach().require_grad());
        const Tensor y = f(leaves);
        const Tensor dy = signs(y.shape(), {seed, 1'000}) + uniform(RandomKey{seed, 1'001}, y.shape(), -0.5, 0.5, f64);
        const auto dx = grad(sum(y * dy), leaves, {.create_graph = true, .unused = Unused::zeros});
        Tensor total = zeros({}, f64);
        for (std::size_t i = 0; i < dx.size(); ++i)
            total = total + sum(dx[i] * uniform(RandomKey{seed, 2'000 + i}, dx[i].shape(), 0.5, 1.5, f64));
        return total;
    };
}
}  // namespace

GradcheckReport gradcheck(const TensorFunction& f, const std::vector<Tensor>& inputs, GradcheckOptions options,
                          const std::vector<std::string>& names) {
    std::vector<Tensor> floats;
    std::vector<std::string> float_names;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        require<std::invalid_argument>(inputs[i].dtype() != f32,
                                       "gradcheck: expected float64 inputs (float32 cannot tell a wrong gradient from "
                                       "rounding), got float32; make them with x.to(f64)");
        if (inputs[i].dtype() != f64) continue;
        floats.push_back(inputs[i]);
        float_names.push_back(i < names.size() ? names[i] : fmt::format("input {}", i));
    }
    const TensorFunction of_floats = [&](const std::vector<Tensor>& x) {
        std::vector<Tensor> merged = inputs;
        for (std::size_t i = 0, next = 0; i < merged.size(); ++i)
            if (merged[i].dtype() == f64) merged[i] = x[next++];
        return f(merged);
    };
    GradcheckReport report;
    Check(of_floats, floats, options, float_names, report).run();
    if (!report.ok || options.order < 2) return report;
    GradcheckReport next;
    next.order = 2;
    Check(slope_of(of_floats, options.seed), floats, options, float_names, next).run();
    next.entries += report.entries;
    next.kinks.insert(next.kinks.begin(), report.kinks.begin(), report.kinks.end());
    return next;
}

}  // namespace xg
