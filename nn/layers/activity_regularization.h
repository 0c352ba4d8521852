#pragma once
#include "../module.h"

namespace xg {

struct ActivityRegularizationOptions {
    double l1 = 0, l2 = 0;
};
/// Hands its input on and adds (l1 * sum(|x|) + l2 * sum(x^2)) / batch to the loss.
class ActivityRegularization : public Module {
public:
    explicit ActivityRegularization(ActivityRegularizationOptions options = {});
    Tensor forward(const Tensor& x) override;
    void describe(Config& config) const override;
    static ActivityRegularization from_config(const Config& config);

private:
    ActivityRegularizationOptions options_;
    Box<Regularizer> regularizer_;
};

}  // namespace xg
