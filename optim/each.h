#pragma once
#include "../tensor/parallel.h"
#include "../tensor/simd/math.h"
#include "optimizer.h"

namespace xg {

/// f(w, g, slots&...) on whole vectors of one parameter; w and the slots are written back. Clipping, scaling and decay
/// happen in the same pass.
template <int slots, class F> void each(const Stretch& p, const F& f) {
    const bool plain = p.gradient_scale == 1 && p.clip == 0 && p.decay == 0;
    dispatch_float(p.dtype, "Optimizer", [&]<class T> {
        using B = Batch<T>;
        T* const value = reinterpret_cast<T*>(p.value);
        const T* const gradient = reinterpret_cast<const T*>(p.gradient);
        T* slot[slots + 1] = {};
        for (int k = 0; k < slots; ++k) slot[k] = reinterpret_cast<T*>(p.slots[k]);
        const B scale(p.gradient_scale), limit(p.clip), decay(p.decay);
        const auto run = [&]<bool simple>(std::bool_constant<simple>, std::int64_t first, std::int64_t last) {
            [&]<int... k>(std::integer_sequence<int, k...>) {
                for (std::int64_t i = first * lanes<T>; i < last * lanes<T>; i += lanes<T>) {
                    B w = B::load(value + i), g = B::load(gradient + i);
                    [[maybe_unused]] B s[slots + 1] = {B::load(slot[k] + i)...};
                    if constexpr (!simple) {
                        g = g * scale;
                        if (p.clip > 0) g = minimum(maximum(g, -limit), limit);
                        w -= w * decay;
                    }
                    f(w, g, s[k]...);
                    w.store(value + i);
                    (s[k].store(slot[k] + i), ...);
                }
            }
            (std::make_integer_sequence<int, slots>{});
        };
        parallel((p.size + lanes<T> - 1) / lanes<T>, 2.0 * (slots + 1), [&](std::int64_t first, std::int64_t last) {
            if (plain) run(std::true_type{}, first, last);
            else run(std::false_type{}, first, last);
        });
    });
}

}  // namespace xg
