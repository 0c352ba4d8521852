#pragma once
// Gradients of weights are sums over the batch: fixed parts of it, each added up on its own, then in order.
#include "../parallel.h"
#include "../tensor.h"

namespace xg::kernel {

/// out[0, size) = the sum of what sum_up(part, buffer) leaves in zeroed buffers, for parts 0, 1, ...; `cost` is
/// nanoseconds a part.
template <class T, class F>
void sum_parts(T* out, std::int64_t size, std::int64_t parts, double cost, const F& sum_up) {
    const Tensor others = Tensor::empty({(parts - 1) * size}, dtype_of<T>);
    parallel(parts, cost, [&](std::int64_t part, std::int64_t end) {
        for (; part < end; ++part) {
            T* buffer = part ? others.raw<T>() + (part - 1) * size : out;
            std::fill_n(buffer, size, T(0));
            sum_up(part, buffer);
        }
    });
    parallel(size, 0.1 * double(parts), [&](std::int64_t first, std::int64_t end) {
        for (std::int64_t part = 1; part < parts; ++part) {
            const T* more = others.raw<T>() + (part - 1) * size;
            for (auto i = first; i < end; ++i) out[i] += more[i];
        }
    });
}

}  // namespace xg::kernel
