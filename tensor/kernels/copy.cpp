#include "copy.h"
#include <cstring>
#include "../parallel.h"
#include "transpose.h"

namespace xg::kernel {

namespace {
/// The same walk with neighbouring axes that lie like one merged: fewer and longer loops.
struct Walk {
    int rank = 0;
    std::int64_t extent[max_rank], stride[max_rank];

    Walk(const Shape& shape, const std::int64_t* strides) {
        for (int a = 0; a < shape.rank(); ++a) {
            if (shape[a] == 1) continue;
            if (rank && stride[rank - 1] == strides[a] * shape[a]) {
                extent[rank - 1] *= shape[a];
                stride[rank - 1] = strides[a];
            } else {
                extent[rank] = shape[a];
                stride[rank++] = strides[a];
            }
        }
        if (!rank) extent[rank] = 1, stride[rank++] = 1;
    }
    /// Calls run(position in order, strided offset, length of the innermost axis) for rows [first, last) of it.
    template <class F> void rows(std::int64_t first, std::int64_t last, const F& run) const {
        std::int64_t index[max_rank] = {}, at = 0, rest = first;
        for (int a = rank - 2; a >= 0; --a) {
            index[a] = rest % extent[a];
            rest /= extent[a];
            at += index[a] * stride[a];
        }
        const auto n = extent[rank - 1];
        for (auto r = first; r < last; ++r) {
            run(r * n, at);
            for (int a = rank - 2; a >= 0; --a) {
                at += stride[a];
                if (++index[a] < extent[a]) break;
                at -= stride[a] * extent[a];
                index[a] = 0;
            }
        }
    }
};

/// Calls f with an unsigned integer of the element's size.
template <class F> void by_size(DType d, const F& f) {
    if (size_of(d) == 1) f(std::uint8_t());
    else if (size_of(d) == 4) f(std::uint32_t());
    else f(std::uint64_t());
}

/// The same where the last axis but one lies densely: matrices change rows and columns, a block at a time.
template <bool gather, class T> void move_transposed(T* dense, T* strided, const Walk& walk, std::int64_t total) {
    const auto n = walk.extent[walk.rank - 1], step = walk.stride[walk.rank - 1], rows = walk.extent[walk.rank - 2];
    parallel(total / n, 0.3 * double(n), [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t r = first, count; r < last; r += count) {
            count = std::min(rows - r % rows, last - r);
            walk.rows(r, r + 1, [&](std::int64_t i, std::int64_t at) {
                if constexpr (gather) transpose(dense + i, strided + at, n, count, n, step);
                else transpose(strided + at, dense + i, count, n, step, n);
            });
        }
    });
}
/// Moves between dense memory and the strided walk, either way.
template <bool gather, class T> void move(T* dense, T* strided, const Shape& shape, const std::int64_t* strides) {
    const Walk walk(shape, strides);
    const auto n = walk.extent[walk.rank - 1], step = walk.stride[walk.rank - 1], total = shape.numel();
    if (total == 0) return;
    if constexpr (sizeof(T) > 1)
        if (walk.rank > 1 && step != 1 && walk.stride[walk.rank - 2] == 1)
            return move_transposed<gather>(dense, strided, walk, total);
    parallel(total / n, 0.3 * double(n), [&](std::int64_t first, std::int64_t last) {
        walk.rows(first, last, [&](std::int64_t i, std::int64_t at) {
            T *d = dense + i, *s = strided + at;
            if (step == 1) std::memcpy(gather ? d : s, gather ? s : d, std::size_t(n) * sizeof(T));
            else if constexpr (gather)
                for (std::int64_t k = 0; k < n; ++k) d[k] = s[k * step];
            else
                for (std::int64_t k = 0; k < n; ++k) s[k * step] = d[k];
        });
    });
}
}  // namespace

Tensor gather_strided(const Tensor& x, const Shape& shape, const std::int64_t* strides, std::int64_t offset) {
    Tensor y = Tensor::empty(shape, x.dtype());
    by_size(x.dtype(), [&](auto element) {
        using T = decltype(element);
        move<true, T>(y.raw<T>(), x.raw<T>() + offset, shape, strides);
    });
    return y;
}

void scatter_strided(Tensor& to, const Tensor& x, const Shape& shape, const std::int64_t* strides,
                     std::int64_t offset) {
    by_size(x.dtype(), [&](auto element) {
        using T = decltype(element);
        move<false, T>(x.raw<T>(), to.raw<T>() + offset, shape, strides);
    });
}

Tensor repeat_to(const Tensor& x, const Shape& shape) {
    std::int64_t strides[max_rank] = {}, step = 1;
    for (int a = x.rank() - 1, o = shape.rank() - 1; a >= 0; --a, --o) {
        strides[o] = x.shape()[a] == 1 ? 0 : step;
        step *= x.shape()[a];
    }
    return gather_strided(x, shape, strides, 0);
}

}  // namespace xg::kernel
