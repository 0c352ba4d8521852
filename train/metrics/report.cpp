#include "report.h"
#include <algorithm>
#include <fmt/format.h>
#include "../../autograd/node.h"
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/reduction.h"
#include "shared.h"

namespace xg {

namespace {
using detail::share;

/// Class numbers, each checked to be one.
std::vector<std::int64_t> classes_of(const char* who, const Tensor& given) {
    const Tensor whole = given.to(i64), as_given = given.to(f64);
    for (std::int64_t i = 0; i < whole.numel(); ++i)
        require<std::invalid_argument>(
            as_given.raw<double>()[i] == double(whole.raw<std::int64_t>()[i]) && whole.raw<std::int64_t>()[i] >= 0,
            "{}: expected class numbers, got {}", who, as_given.raw<double>()[i]);
    return {whole.raw<std::int64_t>(), whole.raw<std::int64_t>() + whole.numel()};
}
struct Called {
    std::vector<std::int64_t> truth, called;
    std::int64_t classes;
    Called(const char* who, const Tensor& y_true, const Tensor& y_pred, std::int64_t num_classes) {
        NoGrad unrecorded;
        const bool scores = y_pred.rank() == y_true.rank() + 1;
        require(y_pred.shape() == y_true.shape() ||
                    (scores && Shape(y_pred.shape().begin(), y_pred.shape().end() - 1) == y_true.shape()),
                "{}: expected y_pred of y_true's shape, or scores (..., classes), got y_true {} and y_pred {}", who,
                y_true.shape(), y_pred.shape());
        truth = classes_of(who, y_true), called = classes_of(who, scores ? argmax(y_pred, -1) : y_pred);
        std::int64_t most = scores ? y_pred.shape().back() : 0;
        for (const auto* all_of : {&truth, &called})
            for (auto c : *all_of) most = std::max(most, c + 1);
        classes = num_classes > 0 ? num_classes : most;
        require<std::invalid_argument>(most <= classes, "{}: expected classes in [0, {}), got {}", who, classes,
                                       most - 1);
    }
};
}  // namespace

Tensor confusion_matrix(const Tensor& y_true, const Tensor& y_pred, ConfusionMatrixOptions options) {
    const auto& how = options.normalize;
    require<std::invalid_argument>(how == "none" || how == "true" || how == "pred" || how == "all",
                                   "confusion_matrix: expected normalize none, true, pred or all, got {}", how);
    const Called each("confusion_matrix", y_true, y_pred, options.num_classes);
    NoGrad unrecorded;
    const Tensor weights = detail::weights_for("confusion_matrix", options.sample_weight, y_true.shape());
    Tensor counts = zeros({each.classes, each.classes}, f64);
    for (std::size_t i = 0; i < each.truth.size(); ++i)
        counts.raw<double>()[each.truth[i] * each.classes + each.called[i]] +=
            weights.defined() ? weights.raw<double>()[i] : 1;
    if (how == "none") return weights.defined() ? counts : counts.to(i64);
    const Tensor whole = how == "all" ? sum(counts) : sum(counts, how == "true" ? 1 : 0, {.keepdims = true});
    return where(whole != 0, counts / whole, 0);
}

std::string classification_report(const Tensor& y_true, const Tensor& y_pred, ClassificationReportOptions options) {
    const auto named = std::int64_t(options.names.size());
    const Called each("classification_report", y_true, y_pred, named);
    require<std::invalid_argument>(options.digits >= 0, "classification_report: expected digits >= 0, got {}",
                                   options.digits);
    std::vector<double> right(each.classes), truth(each.classes), called(each.classes);
    for (std::size_t i = 0; i < each.truth.size(); ++i) {
        ++truth[each.truth[i]], ++called[each.called[i]];
        if (each.truth[i] == each.called[i]) ++right[each.truth[i]];
    }
    std::size_t width = std::string("weighted avg").size();
    for (auto& name : options.names) width = std::max(width, name.size());
    const auto row = [&](const std::string& name, double precision, double recall, double f1, double support) {
        const int d = options.digits;
        return fmt::format("{:>{}}  {:>9.{}f} {:>9.{}f} {:>9.{}f} {:>9}\n", name, width, precision, d, recall, d, f1, d,
                           std::int64_t(support));
    };
    std::string text =
        fmt::format("{:>{}}  {:>9} {:>9} {:>9} {:>9}\n\n", "", width, "precision", "recall", "f1-score", "support");
    const double n = double(each.truth.size());
    double listed = 0, hits = 0;
    std::array<double, 3> macro{}, weighted{};
    for (std::int64_t c = 0; c < each.classes; ++c) {
        if (named == 0 && truth[c] == 0 && called[c] == 0) continue;
        const double precision = share(right[c], called[c]), recall = share(right[c], truth[c]);
        const std::array<double, 3> scores{precision, recall, share(2 * right[c], called[c] + truth[c])};
        text += row(named ? options.names[c] : fmt::format("{}", c), scores[0], scores[1], scores[2], truth[c]);
        for (int i = 0; i < 3; ++i) macro[i] += scores[i], weighted[i] += scores[i] * share(truth[c], n);
        ++listed, hits += right[c];
    }
    for (double& m : macro) m = share(m, listed);
    text += fmt::format("\n{:>{}}  {:>9} {:>9} {:>9.{}f} {:>9}\n", "accuracy", width, "", "", share(hits, n),
                        options.digits, std::int64_t(n));
    text += row("macro avg", macro[0], macro[1], macro[2], n);
    return text + row("weighted avg", weighted[0], weighted[1], weighted[2], n);
}

}  // namespace xg
