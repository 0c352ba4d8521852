#include "terminate_on_nan.h"
#include <cmath>

namespace xg {

void TerminateOnNaN::on_batch_end(Fit& fit) {
    if (std::isfinite(fit.losses.mean(0))) return;
    fmt::print("Batch {}: Invalid loss, terminating training\n", fit.batch);
    fit.stop = true;
}

}  // namespace xg
