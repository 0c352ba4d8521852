// W12: the network of W3 in inference, one row and 256.
#include <fmt/core.h>
#include <memory>
#include "mlp.h"
using namespace xg;

namespace bench {

namespace {
Case predicting(int rows) {
    return {.workload = "W12",
            .metric = fmt::format("batch_{}", rows),
            .flops = 2.0 * rows * (784 * 256 + 256 * 128 + 128 * 10),
            .make = [rows] {
                const auto net = std::make_shared<Sequential>(mlp("W3").net());
                const Tensor x = uniform(RandomKey{7, 1}, {rows, 784});
                return Work{[=](int steps) {
                    const NoGrad unrecorded;
                    for (int i = 0; i < steps; ++i) (*net)(x);
                }};
            }};
}
const Register one(predicting(1)), many(predicting(256));
}  // namespace

}  // namespace bench
