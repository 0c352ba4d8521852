#include "data.h"
using namespace xg;

namespace bench {

std::vector<Dataset> classified(std::int64_t batch, std::int64_t inputs, std::int64_t outputs) {
    const Tensor a = normal(RandomKey{7, 0}, {inputs, outputs});
    std::vector<Dataset> pool;
    for (std::uint64_t i = 1; i <= 8; ++i) {
        const Tensor x = uniform(RandomKey{7, i}, {batch, inputs});
        pool.push_back({x, argmax(matmul(x - 0.5, a), 1)});
    }
    return pool;
}
std::vector<Dataset> fitted(std::int64_t batch, std::int64_t inputs, std::int64_t outputs) {
    const Tensor a = normal(RandomKey{7, 0}, {inputs, outputs});
    std::vector<Dataset> pool;
    for (std::uint64_t i = 1; i <= 8; ++i) {
        const Tensor x = normal(RandomKey{7, i}, {batch, inputs});
        pool.push_back({x, sin(matmul(x, a))});
    }
    return pool;
}

}  // namespace bench
