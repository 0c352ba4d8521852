// W8: what an operation costs beside its arithmetic: a chain of 100 additions of 16 elements, by the addition.
#include "../../xgrad.h"
#include "../harness.h"
using namespace xg;

namespace bench {

namespace {
Tensor chain(const Tensor& x, const Tensor& b) {
    Tensor y = x;
    for (int i = 0; i < 100; ++i) y = y + b;
    return y;
}
Case adding(const char* metric, bool recorded, bool backward) {
    return {.workload = "W8", .metric = metric, .unit = "ns", .per = 100, .make = [=] {
                const Tensor x = zeros({16}), b = ones({16}).require_grad(recorded);
                return Work{[=](int steps) {
                    for (int i = 0; i < steps; ++i) {
                        const Tensor y = chain(x, b);
                        if (!backward) continue;
                        sum(y).backward();
                        b.zero_grad();
                    }
                }};
            }};
}
const Register forward(adding("forward", false, false)), recorded(adding("forward_recorded", true, false)),
    both(adding("forward_backward", true, true));
}  // namespace

}  // namespace bench
