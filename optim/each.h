#pragma once
#include <limits>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif
#include "../tensor/parallel.h"
#include "../tensor/simd/math.h"
#include "optimizer.h"

namespace xg {

/// NaN stays NaN.
template <class T> Batch<T> sign(Batch<T> x) { return where(x > 0, 1, where(x < 0, -1, x)); }

namespace detail {
/// f(w, g, slots&...) on whole vectors [first, last) of one stretch. False if a gradient there is not finite.
template <class T, bool plain, int... k, class F> bool run_stretch(const Stretch& s, std::int64_t first,
                                                                   std::int64_t last, std::integer_sequence<int, k...>,
                                                                   const F& f) {
    using B = Batch<T>;
    T* const value = reinterpret_cast<T*>(s.value);
    const T* const gradient = reinterpret_cast<const T*>(s.gradient);
    [[maybe_unused]] T* const slot[sizeof...(k) + 1] = {reinterpret_cast<T*>(s.slots[k])...};
    const B scale(s.scale), limit(s.clip > 0 ? s.clip : INFINITY), coupled(s.coupled_decay), decay(s.decay);
    B zero(0);  // as long as all are finite: 0 times anything else is NaN
    for (std::int64_t i = first * lanes<T>; i < last * lanes<T>; i += lanes<T>) {
        B w = B::load(value + i), g = B::load(gradient + i);
        [[maybe_unused]] B kept[sizeof...(k) + 1] = {B::load(slot[k] + i)...};
        zero += g * B(0);
        if constexpr (!plain) {
            g = minimum(maximum(g * scale, -limit), limit) + coupled * w;
            w -= w * decay;
        }
        f(w, g, kept[k]...);
        w.store(value + i);
        (kept[k].store(slot[k] + i), ...);
    }
    return sum(zero) == 0;
}
}  // namespace detail

/// x / (sqrt(v) + epsilon). In float32 within 5 ulp, without the divider, which does one vector in 20 cycles.
template <class T> Batch<T> over_root(Batch<T> x, Batch<T> v, double epsilon) {
#if XG_SIMD_BYTES == 64
    if constexpr (sizeof(T) == 4) {
        using B = Batch<T>;
        // One of Newton's steps each: an inverse root of 14 bits, then an inverse. No root of 0 is asked for; of what
        // is less it stays NaN.
        const B positive = v + std::numeric_limits<T>::min();
        const B guess(typename B::Native(_mm512_maskz_rsqrt14_ps(0xffff, __m512(positive.v))));
        const B root = v * (guess * (1.5 - 0.5 * positive * guess * guess)) + epsilon;
        const B inverse(typename B::Native(_mm512_maskz_rcp14_ps(0xffff, __m512(root.v))));
        return x * (inverse * (2 - root * inverse));
    }
#endif
    return x / (sqrt(v) + epsilon);
}

/// The sum of f(w, slots...) over the elements of one stretch: blocks of 4096 in double precision and a fixed tree.
template <int slots, class F> double total(DType dtype, const Stretch& s, const F& f) {
    return dispatch_float(dtype, "Optimizer", [&]<class T> {
        const auto at = [](const std::byte* p, std::int64_t i) {
            return Batch<T>::load(reinterpret_cast<const T*>(p) + i);
        };
        return [&]<int... k>(std::integer_sequence<int, k...>) {
            const auto block = [&](std::int64_t first, std::int64_t last) {
                Batch<T> block_sum(0);
                for (; first + lanes<T> <= last; first += lanes<T>)
                    block_sum += f(at(s.value, first), at(s.slots[k], first)...);
                if (first < last)
                    block_sum +=
                        where(first_lanes<T>(last - first), f(at(s.value, first), at(s.slots[k], first)...), 0);
                return double(sum(block_sum));
            };
            return reduce(s.size, 4096, 0.1 * (slots + 1), block, [](double a, double b) { return a + b; });
        }
        (std::make_integer_sequence<int, slots>{});
    });
}

/// f(w, g, slots&...) on whole vectors of all that moves; w and the slots are written back. Scaling, clipping and decay
/// happen in the same pass. One loop over all threads, however many parameters there are.
template <int slots, class F> void each(const Move& move, const F& f) {
    dispatch_float(move.dtype, "Optimizer", [&]<class T> {
        const auto vectors = [](const Stretch& s) { return (s.size + lanes<T> - 1) / lanes<T>; };
        std::int64_t total = 0;
        for (const Stretch& s : move.stretches) total += vectors(s);
        constexpr auto numbers = std::make_integer_sequence<int, slots>{};
        parallel(total, 2.0 * (slots + 1), [&](std::int64_t first, std::int64_t last) {
            for (const Stretch& s : move.stretches) {
                const auto n = vectors(s), from = std::max<std::int64_t>(first, 0), to = std::min(last, n);
                if (from < to) {
                    const bool finite = s.plain() ? detail::run_stretch<T, true>(s, from, to, numbers, f)
                                                  : detail::run_stretch<T, false>(s, from, to, numbers, f);
                    if (!finite && move.suspicious) move.suspicious->store(true, std::memory_order_relaxed);
                }
                first -= n, last -= n;
                if (last <= 0) break;
            }
        });
    });
}

}  // namespace xg
