#pragma once
#include <vector>
#include "../../xgrad.h"

namespace bench {

/// Eight batches of x (batch, inputs) to be used in turn, the same in every run.
/// Labels: the largest of `outputs` random linear functions of x in [0, 1).
std::vector<xg::Dataset> classified(std::int64_t batch, std::int64_t inputs, std::int64_t outputs);
/// Targets: sin of random linear functions of normal x.
std::vector<xg::Dataset> fitted(std::int64_t batch, std::int64_t inputs, std::int64_t outputs);

}  // namespace bench
