#include "dropout.h"
#include "../map.h"

namespace xg {

Tensor dropout(const Tensor& x, double rate, RandomKey key) {
    require<std::invalid_argument>(0 <= rate && rate <= 1, "dropout: expected 0 <= rate <= 1, got {}", rate);
    const double scale = rate < 1 ? 1 / (1 - rate) : 0;
    return record(
        "dropout",
        [&] {
            const Tensor draw = uniform(key, x.shape(), 0, 1, x.dtype());
            return map(
                "dropout", x, draw, [=](auto v, auto u) { return where(u < rate, 0, v * scale); },
                [](auto dy) { return dy; }, [](auto dy) { return dy; });
        },
        wrt(x, [=](const Tensor& dy) { return dropout(dy, rate, key); }));
}

}  // namespace xg
