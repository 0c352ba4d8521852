#include "activity_regularization.h"
#include "../config.h"

namespace xg {

template <class F> void fields(ActivityRegularizationOptions& o, F&& field) {
    field("l1", o.l1);
    field("l2", o.l2);
}

ActivityRegularization::ActivityRegularization(ActivityRegularizationOptions options)
    : options_(options), regularizer_(L1L2({.l1 = options.l1, .l2 = options.l2})) {}
Tensor ActivityRegularization::forward(const Tensor& x) { return regularized(x, regularizer_); }
void ActivityRegularization::describe(Config& config) const { write(config, options_); }
ActivityRegularization ActivityRegularization::from_config(const Config& config) {
    return ActivityRegularization(read<ActivityRegularizationOptions>("ActivityRegularization", config));
}

}  // namespace xg
