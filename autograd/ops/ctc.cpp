#include "ctc.h"
#include <algorithm>
#include <cmath>
#include "../../tensor/parallel.h"
#include "../record.h"
#include "activation.h"
#include "arithmetic.h"
#include "indexing.h"
#include "layout.h"
#include "logic.h"
#include "reduction.h"

namespace xg {

namespace {
constexpr double never = -INFINITY;

/// Labels with a blank before, between and behind, and how much of each row counts.
struct Spelling {
    std::int64_t batch, steps, classes, width;  // width: positions of the longest row, blanks included
    std::vector<std::int64_t> symbols, logit_lengths, label_lengths;

    const std::int64_t* row(std::int64_t b) const { return symbols.data() + b * width; }
    std::int64_t positions(std::int64_t b) const { return 2 * label_lengths[b] + 1; }
    /// Whether a path may come to s from s - 2: over a blank, between different labels.
    bool skips(std::int64_t b, std::int64_t s) const { return s >= 2 && s % 2 == 1 && row(b)[s] != row(b)[s - 2]; }
};

std::vector<std::int64_t> lengths(const Tensor& given, std::int64_t batch, std::int64_t most, const char* what) {
    if (!given.defined()) return {};
    require(given.shape() == Shape{batch}, "ctc_loss: expected {} ({},), got {}", what, batch, given.shape());
    const Tensor whole = given.to(i64);
    std::vector<std::int64_t> all(whole.raw<std::int64_t>(), whole.raw<std::int64_t>() + batch);
    for (auto n : all)
        require<std::invalid_argument>(0 <= n && n <= most, "ctc_loss: expected {} in [0, {}], got {}", what, most, n);
    return all;
}

Spelling spell(const Tensor& logits, const Tensor& labels, const CtcOptions& options) {
    require(logits.rank() == 3 && labels.rank() == 2 && logits.shape()[0] == labels.shape()[0],
            "ctc_loss: expected logits (batch, steps, classes) and labels (batch, labels), got {} and {}",
            logits.shape(), labels.shape());
    Spelling s{logits.shape()[0], logits.shape()[1], logits.shape()[2], 2 * labels.shape()[1] + 1, {}, {}, {}};
    const auto most = labels.shape()[1], blank = options.blank;
    require<std::invalid_argument>(0 <= blank && blank < s.classes, "ctc_loss: expected blank in [0, {}), got {}",
                                   s.classes, blank);
    s.logit_lengths = lengths(options.logit_lengths, s.batch, s.steps, "logit_lengths");
    if (s.logit_lengths.empty()) s.logit_lengths.assign(s.batch, s.steps);
    s.label_lengths = lengths(options.label_lengths, s.batch, most, "label_lengths");
    const bool by_blank = s.label_lengths.empty();
    const Tensor whole = labels.detach().to(i64);
    s.symbols.assign(s.batch * s.width, blank);
    for (std::int64_t b = 0; b < s.batch; ++b) {
        const auto* row = whole.raw<std::int64_t>() + b * most;
        if (by_blank) s.label_lengths.push_back(std::find(row, row + most, blank) - row);
        for (std::int64_t i = 0; i < most; ++i) {
            if (i >= s.label_lengths[b]) {
                require<std::invalid_argument>(!by_blank || row[i] == blank,
                                               "ctc_loss: expected nothing but {} behind the labels of row {}, got {}",
                                               blank, b, row[i]);
                continue;
            }
            require<std::invalid_argument>(0 <= row[i] && row[i] < s.classes && row[i] != blank,
                                           "ctc_loss: expected labels in [0, {}) other than {}, got {} in row {}",
                                           s.classes, blank, row[i], b);
            s.symbols[b * s.width + 2 * i + 1] = row[i];
        }
    }
    return s;
}

double log_add(double a, double b) {
    if (a < b) std::swap(a, b);
    return b == never ? a : a + std::log1p(std::exp(b - a));
}

/// Paths forward and backward through one row, in float64 whatever the logits are.
class Row {
public:
    template <class T> Row(const Spelling& s, std::int64_t b, const T* logits)
        : s_(s),
          b_(b),
          steps_(s.logit_lengths[b]),
          width_(s.positions(b)),
          log_p_(steps_ * s.classes),
          forward_(steps_ * width_, never) {
        for (std::int64_t t = 0; t < steps_; ++t) {
            const T* x = logits + t * s.classes;
            const double top = double(*std::max_element(x, x + s.classes));
            double total = 0;
            for (std::int64_t k = 0; k < s.classes; ++k) total += std::exp(double(x[k]) - top);
            for (std::int64_t k = 0; k < s.classes; ++k)
                log_p_[t * s.classes + k] = double(x[k]) - top - std::log(total);
        }
        for (std::int64_t t = 0; t < steps_; ++t)
            for (std::int64_t i = 0; i < width_; ++i) {
                double before = t == 0 ? (i < 2 ? 0 : never) : forward(t - 1, i);
                if (t > 0 && i >= 1) before = log_add(before, forward(t - 1, i - 1));
                if (t > 0 && s.skips(b, i)) before = log_add(before, forward(t - 1, i - 2));
                forward_[t * width_ + i] = before + log_p(t, i);
            }
        log_likelihood_ = steps_ == 0 ? (width_ == 1 ? 0 : never)
                                      : log_add(forward(steps_ - 1, width_ - 1),
                                                width_ > 1 ? forward(steps_ - 1, width_ - 2) : never);
    }
    double loss() const { return -log_likelihood_; }

    /// The loss's gradient: the softmax less how likely each class is at each step, given the labels.
    template <class T> void gradient(T* dx) const {
        std::fill(dx, dx + s_.steps * s_.classes, T(0));
        if (log_likelihood_ == never) return;
        std::vector<double> after(width_, never), next(width_, never), row(s_.classes, 0);
        for (std::int64_t t = steps_ - 1; t >= 0; --t) {
            if (t == steps_ - 1) {
                for (std::int64_t i = std::max<std::int64_t>(width_ - 2, 0); i < width_; ++i) after[i] = 0;
            } else {
                for (std::int64_t i = 0; i < width_; ++i) next[i] = after[i] + log_p(t + 1, i);
                for (std::int64_t i = 0; i < width_; ++i) {
                    double sum = next[i];
                    if (i + 1 < width_) sum = log_add(sum, next[i + 1]);
                    if (i + 2 < width_ && s_.skips(b_, i + 2)) sum = log_add(sum, next[i + 2]);
                    after[i] = sum;
                }
            }
            for (std::int64_t k = 0; k < s_.classes; ++k) row[k] = std::exp(log_p_[t * s_.classes + k]);
            for (std::int64_t i = 0; i < width_; ++i)
                row[s_.row(b_)[i]] -= std::exp(forward(t, i) + after[i] - log_likelihood_);
            std::copy(row.begin(), row.end(), dx + t * s_.classes);
        }
    }

private:
    double log_p(std::int64_t t, std::int64_t i) const { return log_p_[t * s_.classes + s_.row(b_)[i]]; }
    double forward(std::int64_t t, std::int64_t i) const { return forward_[t * width_ + i]; }

    const Spelling& s_;
    std::int64_t b_, steps_, width_;
    std::vector<double> log_p_, forward_;  // (steps, classes), (steps, positions)
    double log_likelihood_ = never;
};
}  // namespace

Tensor detail::ctc_loss_by_steps(const Tensor& logits, const Tensor& labels, const CtcOptions& options) {
    const Spelling s = spell(logits, labels, options);
    const Tensor symbols = Tensor::of<std::int64_t>({s.batch, 1, s.width}, s.symbols);
    Tensor skip = Tensor::empty({s.batch, s.width}, boolean), last = Tensor::empty({s.batch, s.width}, boolean);
    for (std::int64_t b = 0; b < s.batch; ++b)
        for (std::int64_t i = 0; i < s.width; ++i) {
            skip.raw<bool>()[b * s.width + i] = s.skips(b, i);
            last.raw<bool>()[b * s.width + i] = i < s.positions(b) && i + 2 >= s.positions(b);
        }
    const Tensor counts = reshape(Tensor::of<std::int64_t>({s.batch}, s.logit_lengths), {s.batch, 1});
    const Tensor emitted = take_along_axis(log_softmax(logits), broadcast_to(symbols, {s.batch, s.steps, s.width}), -1);
    const auto moved = [&](const Tensor& x, std::int64_t by) {
        return pad(x, {{}, {by, 0}}, never)(all, Slice(0, s.width));
    };
    // Before the first step stands a start from which only the first two positions can be reached.
    Tensor paths = where(arange(s.width) == 0, zeros({s.batch, s.width}, logits.dtype()), never);
    for (std::int64_t t = 0; t < s.steps; ++t) {
        const Tensor one = moved(paths, 1), two = where(skip, moved(paths, 2), never);
        const Tensor next =
            logsumexp(stack({paths, one, two}), 0) + reshape(take(emitted, full({1}, t, i64), 1), {s.batch, s.width});
        paths = where(counts > t, next, paths);
    }
    return -logsumexp(where(last, paths, never), 1);
}

Tensor ctc_loss(const Tensor& logits, const Tensor& labels, CtcOptions options) {
    const Spelling s = spell(logits, labels, options);
    const bool wanted = modes.grad && logits.requires_grad();
    Tensor y = Tensor::empty({s.batch}, logits.dtype());
    Tensor slopes = wanted ? Tensor::empty(logits.shape(), logits.dtype()) : Tensor();
    dispatch_float(logits.dtype(), "ctc_loss", [&]<class T> {
        const auto size = s.steps * s.classes;
        parallel(s.batch, 40.0 * double(s.steps * s.width), [&](std::int64_t first, std::int64_t last) {
            for (auto b = first; b < last; ++b) {
                const Row row(s, b, logits.raw<T>() + b * size);
                y.raw<T>()[b] = T(row.loss());
                if (wanted) row.gradient(slopes.raw<T>() + b * size);
            }
        });
    });
    return record("ctc_loss", std::move(y), wrt(logits, [x = Saved(logits), labels, options, slopes](const Tensor& dy) {
                      if (!modes.grad) return slopes * reshape(dy, {dy.numel(), 1, 1});
                      return pull_back(detail::ctc_loss_by_steps(x, labels, options), dy, x.get(),
                                       {.create_graph = true, .unused = Unused::zeros});
                  }));
}

}  // namespace xg
