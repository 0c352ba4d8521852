#pragma once
// Elementwise operations on elements of any type, one by one: integers, comparisons, logic. The compiler vectorises the
// loop where it can; floating-point arithmetic goes through elementwise.h.
#include <array>
#include <initializer_list>
#include "../tensor.h"

namespace xg::kernel {

/// One operand along a stretch of one row; `across` is 0 for what does not vary along it, else 1.
struct PlainOperand {
    const void* p = nullptr;
    std::int64_t across = 0;
};
using PlainOperands = std::array<PlainOperand, 3>;
/// out[i] = f(operands at i) for n elements.
using PlainRow = void (*)(const void* f, void* out, const PlainOperands& in, std::int64_t n);
/// A new tensor, row by row, with broadcasting.
Tensor plain_rows(const char* op, std::initializer_list<const Tensor*> xs, DType out, PlainRow row, const void* f);

/// out[i] = f(a[i], b[i], ...) with broadcasting; all operands are read as In, the result is an Out tensor.
template <Element Out, Element In, class F, std::same_as<Tensor>... Xs>
Tensor plain_map(const char* op, const F& f, const Xs&... xs) {
    const auto row = [](const void* function, void* y, const PlainOperands& in, std::int64_t n) {
        const F& each = *static_cast<const F*>(function);
        Out* const out = static_cast<Out*>(y);
        [&]<std::size_t... k>(std::index_sequence<k...>) {
            const In* const p[] = {static_cast<const In*>(in[k].p)...};
            if (((in[k].across == 1) && ...))
                for (std::int64_t i = 0; i < n; ++i) out[i] = Out(each(p[k][i]...));
            else
                for (std::int64_t i = 0; i < n; ++i) out[i] = Out(each(p[k][i * in[k].across]...));
        }
        (std::index_sequence_for<Xs...>{});
    };
    return plain_rows(op, {&xs...}, dtype_of<Out>, row, &f);
}

}  // namespace xg::kernel
