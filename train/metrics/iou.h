#pragma once
#include <vector>
#include "metric.h"

namespace xg {

namespace detail {
/// A confusion matrix over all examples, and what its classes share: tp / (tp + fp + fn).
class IoUCounts {
public:
    explicit IoUCounts(std::int64_t classes) : n_(classes), matrix_(classes * classes) {}
    /// Class numbers and weights (or undefined) of one shape; where y_true is `ignored`, nothing is counted.
    void add(const std::string& metric, const Tensor& y_true, const Tensor& y_pred, const Tensor& weight,
             std::optional<std::int64_t> ignored);
    /// The mean over those of the classes that occur; 0 if none does.
    double mean_over(const std::vector<std::int64_t>& classes) const;
    void reset() { matrix_.assign(matrix_.size(), 0); }
    template <class F> void visit(const F& f) { f(matrix_); }

private:
    std::int64_t n_;
    std::vector<double> matrix_;  // (true class, called class)
};
}  // namespace detail

// Intersection over union of the examples of a class and those called so. Fractional weights count as they are; Keras'
// default dtype cuts them to integers.
struct IoUOptions {
    std::int64_t num_classes = 0;
    std::vector<std::int64_t> target_class_ids = {};  // the mean is over these
    std::optional<std::int64_t> ignore_class = {};    // examples of this class count for nothing
    bool sparse_y_true = true, sparse_y_pred = true;  // class numbers; else one-hot or scores along the axis
    int axis = -1;
    std::string name = {};
};
class IoU : public MetricOf<IoUOptions> {
public:
    explicit IoU(IoUOptions options) : IoU("io_u", std::move(options)) {}
    double result() const override { return counts_.mean_over(options_.target_class_ids); }
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    IoU(const char* own_name, IoUOptions options);
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override { counts_.visit(f); }

private:
    detail::IoUCounts counts_;
};
struct MeanIoUOptions {
    std::int64_t num_classes = 0;
    std::optional<std::int64_t> ignore_class = {};
    bool sparse_y_true = true, sparse_y_pred = true;
    int axis = -1;
    std::string name = {};
};
/// IoU, the mean over all classes.
struct MeanIoU : IoU {
    explicit MeanIoU(MeanIoUOptions options);
    MeanIoUOptions settings() const;
};
struct OneHotIoUOptions {
    std::int64_t num_classes = 0;
    std::vector<std::int64_t> target_class_ids = {};
    std::optional<std::int64_t> ignore_class = {};
    bool sparse_y_pred = false;
    int axis = -1;
    std::string name = {};
};
/// IoU of one-hot y_true and scores y_pred.
struct OneHotIoU : IoU {
    explicit OneHotIoU(OneHotIoUOptions options);
    OneHotIoUOptions settings() const;
};
struct OneHotMeanIoUOptions {
    std::int64_t num_classes = 0;
    std::optional<std::int64_t> ignore_class = {};
    bool sparse_y_pred = false;
    int axis = -1;
    std::string name = {};
};
/// OneHotIoU, the mean over all classes.
struct OneHotMeanIoU : IoU {
    explicit OneHotMeanIoU(OneHotMeanIoUOptions options);
    OneHotMeanIoUOptions settings() const;
};
struct BinaryIoUOptions {
    std::vector<std::int64_t> target_class_ids = {0, 1};
    double threshold = 0.5;  // y_pred from here on is class 1
    std::string name = {};
};
/// IoU of the classes 0 and 1; y_pred are probabilities of 1.
class BinaryIoU : public MetricOf<BinaryIoUOptions> {
public:
    explicit BinaryIoU(BinaryIoUOptions options = {});
    double result() const override { return counts_.mean_over(options_.target_class_ids); }
    void reset() override { counts_.reset(); }
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override { counts_.visit(f); }

private:
    detail::IoUCounts counts_;
};

}  // namespace xg
