#pragma once
// Which arguments does a generic rule really use? Calling it with Trace types tells at compile time: the result type
// carries the set of arguments it depends on. Only those are saved; a rule that returns dy itself costs nothing at all.
#include "../tensor/simd/batch.h"

namespace xg {

/// A value that depends on the arguments in `used`; `untouched` if it is that argument itself.
template <unsigned used, bool untouched = false> struct Trace { static constexpr unsigned mask = used; };
template <int i> using Argument = Trace<1u << i, true>;

template <unsigned a, bool u> Trace<a> operator-(Trace<a, u>) { return {}; }
template <unsigned a, bool u> Trace<a> operator!(Trace<a, u>) { return {}; }

#define XG_TRACE(op)                                                                                       \
    template <unsigned a, bool u, unsigned b, bool v> Trace<a | b> operator op(Trace<a, u>, Trace<b, v>) { \
        return {};                                                                                         \
    }                                                                                                      \
    template <unsigned a, bool u, Number S> Trace<a> operator op(Trace<a, u>, S) { return {}; }            \
    template <unsigned a, bool u, Number S> Trace<a> operator op(S, Trace<a, u>) { return {}; }
// clang-format off
XG_TRACE(+) XG_TRACE(-) XG_TRACE(*) XG_TRACE(/) XG_TRACE(<) XG_TRACE(>) XG_TRACE(<=) XG_TRACE(>=)
XG_TRACE(==) XG_TRACE(!=) XG_TRACE(&) XG_TRACE(|)
// clang-format on
#undef XG_TRACE

        template <class X>
        inline constexpr bool is_trace = false;
template <unsigned a, bool u> inline constexpr bool is_trace<Trace<a, u>> = true;
template <class X> inline constexpr unsigned used_by = 0;
template <unsigned a, bool u> inline constexpr unsigned used_by<Trace<a, u>> = a;

template <class X>
concept Traced = is_trace<X> || Number<X>;
template <class C, Traced A, Traced B>
requires is_trace<C> Trace < C::mask | used_by<A>
| used_by < B >> where(C, A, B) { return {}; }
template <Traced A, Traced B>
requires(is_trace<A> || is_trace<B>) Trace < used_by<A>
| used_by < B >> maximum(A, B) { return {}; }
template <Traced A, Traced B>
requires(is_trace<A> || is_trace<B>) Trace < used_by<A>
| used_by < B >> minimum(A, B) { return {}; }

template <Traced A, Traced B>
requires(is_trace<A> || is_trace<B>) Trace < used_by<A>
| used_by < B >> pow(A, B) { return {}; }

}  // namespace xg
