#include "iou.h"
#include <numeric>
#include "../../autograd/ops/arithmetic.h"
#include "../../autograd/ops/reduction.h"
#include "shared.h"

namespace xg {

namespace detail {
void IoUCounts::add(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight,
                    std::optional<std::int64_t> ignored) {
    const Tensor truth = beside(metric, y_true, y_pred).to(i64), called = y_pred.to(i64);
    const Tensor weights = weights_for(metric, weight, called.shape());
    for (const bool counting : {false, true})  // all is checked before anything counts
        for (std::int64_t i = 0; i < called.numel(); ++i) {
            const auto t = truth.raw<std::int64_t>()[i], p = called.raw<std::int64_t>()[i];
            if (ignored && t == *ignored) continue;
            if (counting) matrix_[t * n_ + p] += weights.defined() ? weights.raw<double>()[i] : 1;
            else
                for (auto c : {t, p})
                    require<std::invalid_argument>(0 <= c && c < n_, "{}: expected classes in [0, {}), got {}", metric,
                                                   n_, c);
        }
}
double IoUCounts::mean_over(const std::vector<std::int64_t>& classes) const {
    double total = 0, occurring = 0;
    for (auto c : classes) {
        double all_of_it = -matrix_[c * n_ + c];
        for (std::int64_t other = 0; other < n_; ++other)
            all_of_it += matrix_[c * n_ + other] + matrix_[other * n_ + c];
        if (all_of_it > 0) total += matrix_[c * n_ + c] / all_of_it, ++occurring;
    }
    return share(total, occurring);
}
}  // namespace detail

namespace {
std::vector<std::int64_t> every_class(std::int64_t n) {
    std::vector<std::int64_t> ids(std::max<std::int64_t>(n, 0));
    std::iota(ids.begin(), ids.end(), 0);
    return ids;
}
std::int64_t checked(const char* metric, std::int64_t classes, const std::vector<std::int64_t>& targets) {
    require<std::invalid_argument>(classes > 0, "{}: expected num_classes > 0, got {}", metric, classes);
    require<std::invalid_argument>(!targets.empty(), "{}: expected at least one of target_class_ids, got none", metric);
    for (auto c : targets)
        require<std::invalid_argument>(0 <= c && c < classes, "{}: expected target_class_ids in [0, {}), got {}",
                                       metric, classes, c);
    return classes;
}
}  // namespace

IoU::IoU(const char* own_name, IoUOptions options)
    : MetricOf(own_name, std::move(options)),
      counts_(checked(own_name, options_.num_classes, options_.target_class_ids)) {}
void IoU::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    const auto& o = options_;
    const auto classes = [&](const Tensor& x, bool sparse) { return sparse ? x : argmax(x, o.axis); };
    counts_.add(name(), classes(y_true, o.sparse_y_true), classes(y_pred, o.sparse_y_pred), weight, o.ignore_class);
}

MeanIoU::MeanIoU(MeanIoUOptions o)
    : IoU("mean_io_u", {o.num_classes, every_class(o.num_classes), o.ignore_class, o.sparse_y_true, o.sparse_y_pred,
                        o.axis, o.name}) {}
MeanIoUOptions MeanIoU::settings() const {
    const auto& o = options_;
    return {o.num_classes, o.ignore_class, o.sparse_y_true, o.sparse_y_pred, o.axis, name()};
}
OneHotIoU::OneHotIoU(OneHotIoUOptions o)
    : IoU("one_hot_io_u", {o.num_classes, o.target_class_ids, o.ignore_class, false, o.sparse_y_pred, o.axis, o.name}) {
}
OneHotIoUOptions OneHotIoU::settings() const {
    const auto& o = options_;
    return {o.num_classes, o.target_class_ids, o.ignore_class, o.sparse_y_pred, o.axis, name()};
}
OneHotMeanIoU::OneHotMeanIoU(OneHotMeanIoUOptions o)
    : IoU("one_hot_mean_io_u",
          {o.num_classes, every_class(o.num_classes), o.ignore_class, false, o.sparse_y_pred, o.axis, o.name}) {}
OneHotMeanIoUOptions OneHotMeanIoU::settings() const {
    const auto& o = options_;
    return {o.num_classes, o.ignore_class, o.sparse_y_pred, o.axis, name()};
}

BinaryIoU::BinaryIoU(BinaryIoUOptions options)
    : MetricOf("binary_io_u", std::move(options)), counts_(checked("binary_io_u", 2, options_.target_class_ids)) {}
void BinaryIoU::observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) {
    counts_.add(name(), y_true, y_pred >= options_.threshold, weight, {});
}

template <class F> void fields(IoUOptions& o, F&& field) {
    field("num_classes", o.num_classes);
    field("target_class_ids", o.target_class_ids);
    field("ignore_class", o.ignore_class);
    field("sparse_y_true", o.sparse_y_true);
    field("sparse_y_pred", o.sparse_y_pred);
    field("axis", o.axis);
    field("name", o.name);
}
template <class F> void fields(MeanIoUOptions& o, F&& field) {
    field("num_classes", o.num_classes);
    field("ignore_class", o.ignore_class);
    field("sparse_y_true", o.sparse_y_true);
    field("sparse_y_pred", o.sparse_y_pred);
    field("axis", o.axis);
    field("name", o.name);
}
template <class F> void fields(OneHotIoUOptions& o, F&& field) {
    field("num_classes", o.num_classes);
    field("target_class_ids", o.target_class_ids);
    field("ignore_class", o.ignore_class);
    field("sparse_y_pred", o.sparse_y_pred);
    field("axis", o.axis);
    field("name", o.name);
}
template <class F> void fields(OneHotMeanIoUOptions& o, F&& field) {
    field("num_classes", o.num_classes);
    field("ignore_class", o.ignore_class);
    field("sparse_y_pred", o.sparse_y_pred);
    field("axis", o.axis);
    field("name", o.name);
}
template <class F> void fields(BinaryIoUOptions& o, F&& field) {
    field("target_class_ids", o.target_class_ids);
    field("threshold", o.threshold);
    field("name", o.name);
}
Table<Metric> iou_metrics() {
    using M = Metric;
    return {entry<IoU, M, IoUOptions>("IoU"), entry<MeanIoU, M, MeanIoUOptions>("MeanIoU"),
            entry<OneHotIoU, M, OneHotIoUOptions>("OneHotIoU"),
            entry<OneHotMeanIoU, M, OneHotMeanIoUOptions>("OneHotMeanIoU"),
            entry<BinaryIoU, M, BinaryIoUOptions>("BinaryIoU")};
}

}  // namespace xg
