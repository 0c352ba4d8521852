#include "dropout.h"
#include "../../tensor/create.h"
#include "../../tensor/kernels/dropout.h"
#include "../map.h"

namespace xg {

namespace {
Tensor dropped(const Tensor& x, double rate, RandomKey key) {
    const double scale = rate < 1 ? 1 / (1 - rate) : 0;
    Tensor y = Tensor::empty(x.shape(), x.dtype());
    dispatch_float(x.dtype(), "dropout",
                   [&]<class T> { kernel::dropout(y.raw<T>(), x.raw<T>(), x.numel(), rate, T(scale), key); });
    return y;
}
/// Inside a vmap all examples share one mask.
Tensor dropped_alike(const Tensor& x, double rate, RandomKey key) {
    return map(
        "dropout", x, dropped(ones(x.shape(), x.dtype()), rate, key),
        [](auto v, auto kept) { return where(kept == 0, 0, v * kept); }, [](auto dy) { return dy; },
        [](auto dy) { return dy; });
}
}  // namespace

Tensor dropout(const Tensor& x, double rate, RandomKey key) {
    require<std::invalid_argument>(0 <= rate && rate <= 1, "dropout: expected 0 <= rate <= 1, got {}", rate);
    return record(
        "dropout", [&] { return detail::is_batched(x) ? dropped_alike(x, rate, key) : dropped(x, rate, key); },
        wrt(x, [=](const Tensor& dy) { return dropout(dy, rate, key); }));
}

}  // namespace xg
