#pragma once
// Elementwise operations on elements of any type, one by one: integers, comparisons, logic. The compiler vectorises the
// loop where it can; floating-point arithmetic goes through elementwise.h.
#include "copy.h"
#include "elementwise.h"

namespace xg::kernel {

/// out[i] = f(a[i], b[i], ...) with broadcasting; all operands are read as In, the result is an Out tensor.
template <Element Out, Element In, class F, std::same_as<Tensor>... Xs>
Tensor plain_map(const char* op, const F& f, const Xs&... xs) {
    constexpr int n = sizeof...(Xs);
    const auto layout = lay_out<n>(op, {&xs...});
    Tensor y = Tensor::sharing(layout.shape, dtype_of<Out>);
    struct Walk {
        const In* p;
        std::int64_t across, down;
        Tensor grown;
    };
    const auto walk = [&](const Tensor& x, int i) -> Walk {
        const auto cols = layout.grid.cols;
        if (layout.expand >> i & 1) {
            Tensor grown = repeat_to(x, layout.shape);
            return {grown.raw<In>(), 1, cols, grown};
        }
        const Kind k = layout.kind[std::size_t(i)];
        return {x.raw<In>(), varies_across(k), k == Kind::full ? cols : k == Kind::column, {}};
    };
    [&]<int... k>(std::integer_sequence<int, k...>) {
        const std::array<Walk, n> in{walk(xs, k)...};
        in_parts(layout.grid, 0.3 * n, [&](const Part& part, std::int64_t) {
            for (auto r = part.row; r < part.end_row; ++r) {
                Out* out = y.raw<Out>() + r * layout.grid.cols;
                const In* p[n] = {in[k].p + r * in[k].down...};
                if (((in[k].across == 1) && ...))
                    for (auto c = part.col; c < part.end_col; ++c) out[c] = Out(f(p[k][c]...));
                else
                    for (auto c = part.col; c < part.end_col; ++c) out[c] = Out(f(p[k][c * in[k].across]...));
            }
        });
    }
    (std::make_integer_sequence<int, n>{});
    return y;
}

}  // namespace xg::kernel
