#pragma once
#include <vector>
#include "metric.h"

namespace xg {

struct FBetaOptions {
    std::string average = {};  // of the classes: "micro" (counts first), "macro", "weighted" (by support); none: each
    double beta = 1;           // recall counts beta times as much as precision
    std::optional<double> threshold = {};  // what is above is positive; none: the largest of each row
    std::string name = {};
};
/// (1 + beta^2) precision recall / (beta^2 precision + recall). y_true (batch, classes) of 0 and 1, y_pred likewise.
class FBetaScore : public MetricOf<FBetaOptions> {
public:
    explicit FBetaScore(FBetaOptions options = {}) : FBetaScore("fbeta_score", std::move(options)) {}
    Tensor value() const override;
    void reset() override;
    std::optional<bool> larger_is_better() const override { return true; }

protected:
    FBetaScore(const char* own_name, FBetaOptions options);
    void observe(const Tensor& y_true, const Tensor& y_pred, const Tensor& weight) override;
    void visit_counts(const std::function<void(std::vector<double>&)>& f) override { f(tp_), f(fp_), f(fn_); }

private:
    std::vector<double> tp_, fp_, fn_;  // of each class
};
struct F1Options {
    std::string average = {};
    std::optional<double> threshold = {};
    std::string name = {};
};
/// FBetaScore with beta = 1.
struct F1Score : FBetaScore {
    explicit F1Score(F1Options options = {})
        : FBetaScore("f1_score", {options.average, 1, options.threshold, options.name}) {}
    F1Options settings() const { return {options_.average, options_.threshold, name()}; }
};

}  // namespace xg
