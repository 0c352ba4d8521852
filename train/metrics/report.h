#pragma once
#include <string>
#include <vector>
#include "../../tensor/tensor.h"

namespace xg {

struct ConfusionMatrixOptions {
    std::int64_t num_classes = 0;    // 0: as many as occur
    Tensor sample_weight = {};       // (n,): counts are then float64
    std::string normalize = "none";  // "true": each row, "pred": each column, "all": everything adds up to 1 (float64)
};
/// How often class i (row) was called class j (column): (classes, classes), int64. y_true and y_pred are class numbers
/// of one shape; y_pred may also be scores (..., classes), whose largest counts.
Tensor confusion_matrix(const Tensor& y_true, const Tensor& y_pred, ConfusionMatrixOptions options = {});

struct ClassificationReportOptions {
    std::vector<std::string> names = {};  // of the classes; none: their numbers
    int digits = 2;
};
/// Precision, recall, F1 score and support of each class, accuracy and averages, as a table. Inputs as for
/// confusion_matrix; what divides by nothing is 0.
std::string classification_report(const Tensor& y_true, const Tensor& y_pred, ClassificationReportOptions options = {});

}  // namespace xg
