#include "lbfgs.h"
#include <algorithm>
#include <cmath>
#include "../autograd/hook.h"
#include "../autograd/ops/arithmetic.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/reduction.h"
#include "../tensor/create.h"
#include "fields.h"

namespace xg {

template <class F> void fields(LBFGSOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("max_iter", o.max_iter);
    field("max_eval", o.max_eval);
    field("tolerance_grad", o.tolerance_grad);
    field("tolerance_change", o.tolerance_change);
    field("history_size", o.history_size);
    field("line_search", o.line_search);
}

namespace {
double dot(const Tensor& a, const Tensor& b) { return sum(a * b).item(); }
double largest(const Tensor& x) { return max(abs(x)).item(); }
}  // namespace

LBFGS::LBFGS(LBFGSOptions options) : Optimizer(options.learning_rate, {}, {}), options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(
        o.max_iter > 0 && o.max_eval >= 0 && o.history_size > 0,
        "LBFGS: expected max_iter > 0, max_eval >= 0 and history_size > 0, got {}, {} and {}", o.max_iter, o.max_eval,
        o.history_size);
    require<std::invalid_argument>(o.line_search.empty() || o.line_search == "strong_wolfe",
                                   "LBFGS: expected line_search strong_wolfe or none, got {}", o.line_search);
}
void LBFGS::update(const Move&) {
    fail<std::logic_error>(
        "LBFGS: expected minimize([&] {{ return cost; }}, parameters), as it evaluates the cost "
        "several times, got a step");
}

void LBFGS::remember(const Tensor& gradient) {
    const Tensor s = direction_ * step_, y = gradient - gradient_;
    const double along = dot(s, y);
    if (!(along > 1e-10)) return;
    if (int(history_.size()) == options_.history_size) history_.pop_front();
    history_.push_back({s, y, 1 / along});
    scale_ = along / dot(y, y);
}
/// The two-loop recursion.
Tensor LBFGS::downhill(const Tensor& gradient) const {
    Tensor d = -gradient;
    std::vector<double> alpha(history_.size());
    for (std::size_t i = history_.size(); i-- > 0;) {
        alpha[i] = history_[i].rho * dot(history_[i].s, d);
        d = d - alpha[i] * history_[i].y;
    }
    d = d * scale_;
    for (std::size_t i = 0; i < history_.size(); ++i)
        d = d + history_[i].s * (alpha[i] - history_[i].rho * dot(history_[i].y, d));
    return d;
}

/// Looks along one direction for a point that meets the strong Wolfe conditions.
class LBFGS::Search {
public:
    Search(std::function<Point(double)> evaluate, Point start, double longest, double tolerance, int most_tries)
        : evaluate_(std::move(evaluate)),
          start_(std::move(start)),
          longest_(longest),
          tolerance_(tolerance),
          left_(std::min(most_tries, 25)) {}

    Point run(double t) {
        Point before = start_, now = evaluate_(t);
        for (int tries = 0; left_ > 0; ++tries, --left_) {
            if (too_high(now) || (tries > 1 && now.cost >= before.cost)) return zoom(before, now);
            if (flat(now)) return now;
            if (now.slope >= 0) return zoom(before, now);
            t = cubic(before, now, now.t + 0.01 * (now.t - before.t), now.t * 10);
            before = std::exchange(now, evaluate_(t));
        }
        return start_.cost <= now.cost ? start_ : now;
    }

private:
    bool too_high(const Point& p) const { return p.cost > start_.cost + 1e-4 * p.t * start_.slope; }
    bool flat(const Point& p) const { return std::abs(p.slope) <= -0.9 * start_.slope; }

    /// The minimum of the cubic through both points and slopes, within bounds.
    static double cubic(const Point& a, const Point& b, double low, double high) {
        const double d1 = a.slope + b.slope - 3 * (a.cost - b.cost) / (a.t - b.t), square = d1 * d1 - a.slope * b.slope;
        if (!(square >= 0)) return (low + high) / 2;
        const double d2 = std::sqrt(square);
        const Point &left = a.t <= b.t ? a : b, &right = a.t <= b.t ? b : a;
        const double t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
        return std::min(std::max(t, low), high);
    }
    /// Between a and b there is one: narrows the interval.
    Point zoom(Point a, Point b) {
        bool slow = false;
        while (left_ > 0 && std::abs(b.t - a.t) * longest_ >= tolerance_) {
            const double low = std::min(a.t, b.t), high = std::max(a.t, b.t), margin = 0.1 * (high - low);
            double t = cubic(a, b, low, high);
            const bool near_end = std::min(high - t, t - low) < margin;
            if (near_end && (slow || t >= high || t <= low)) {
                t = std::abs(t - high) < std::abs(t - low) ? high - margin : low + margin;
                slow = false;
            } else slow = near_end;
            Point now = evaluate_(t);
            --left_;
            Point &best = a.cost <= b.cost ? a : b, &other = a.cost <= b.cost ? b : a;
            if (too_high(now) || now.cost >= best.cost) {
                other = std::move(now);
                continue;
            }
            if (flat(now)) return now;
            if (now.slope * (other.t - best.t) >= 0) other = best;
            best = std::move(now);
        }
        return a.cost <= b.cost ? a : b;
    }

    std::function<Point(double)> evaluate_;
    Point start_;
    double longest_, tolerance_;
    int left_;  // evaluations after the first
};

Tensor LBFGS::minimize(const std::function<Tensor()>& cost, const std::vector<Tensor>& parameters) {
    require<std::invalid_argument>(!parameters.empty(), "LBFGS: expected parameters, got none");
    for (const Tensor& p : parameters)
        require<std::logic_error>(!p.requires_grad() || !node_of(p)->extras || !node_of(p)->extras->constraint,
                                  "LBFGS: expected parameters without constraints, got one of shape {} with",
                                  p.shape());
    bind(parameters);
    if (!values_.defined() || values_.impl() != values().impl()) history_.clear(), direction_ = {}, values_ = values();
    const auto evaluate = [&](const Tensor& direction, double t) {
        zero_grad(parameters);
        const Tensor c = cost();
        c.backward();
        const NoGrad unrecorded;
        Point p{t, c.item(), gathered_gradients(), 0};
        if (direction.defined()) p.slope = dot(p.gradient, direction);
        return p;
    };
    const auto& o = options_;
    Point at = evaluate({}, 0);
    const double first = at.cost;
    const int most = o.max_eval ? o.max_eval : o.max_iter * 5 / 4;
    int evaluations = 1;
    for (int iteration = 1; largest(at.gradient) > o.tolerance_grad; ++iteration) {
        const bool fresh = !direction_.defined();
        NoGrad unrecorded;
        if (!fresh) remember(at.gradient);
        direction_ = fresh ? -at.gradient : downhill(at.gradient);
        gradient_ = at.gradient;
        step_ = learning_rate() * (fresh ? std::min(1.0, 1 / sum(abs(at.gradient)).item()) : 1);
        at.t = 0, at.slope = dot(at.gradient, direction_);
        if (at.slope > -o.tolerance_change) break;
        const Tensor from = values_.copy();
        const auto go = [&](double t) {
            values_.assign(from + t * direction_, "LBFGS");
            const GradMode recorded(true);
            ++evaluations;
            return evaluate(direction_, t);
        };
        const double before = at.cost;
        if (!o.line_search.empty()) {
            at = Search(go, at, largest(direction_), o.tolerance_change, most - evaluations).run(step_);
            step_ = at.t;
            values_.assign(from + step_ * direction_, "LBFGS");
        } else if (iteration < o.max_iter) at = go(step_);
        else values_.assign(from + step_ * direction_, "LBFGS");
        if (iteration == o.max_iter || evaluations >= most || step_ * largest(direction_) <= o.tolerance_change ||
            std::abs(at.cost - before) < o.tolerance_change)
            break;
    }
    count_step();
    zero_grad(parameters);
    return full({}, first, values_.dtype());
}

void LBFGS::describe(Config& config) const { detail::describe(config, options_, *this); }
LBFGS LBFGS::from_config(const Config& config) { return detail::made<LBFGS, LBFGSOptions>("LBFGS", config); }

}  // namespace xg
