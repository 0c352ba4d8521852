#include "softmax.h"
#include <cmath>
#include "../parallel.h"
#include "../simd/math.h"

namespace xg::kernel {

namespace {
/// f(place, lanes that belong to the row) for each vector of it; the last may be less than whole.
template <class T, class F> void each_vector(std::int64_t n, const F& f) {
    std::int64_t c = 0;
    for (; c + lanes<T> <= n; c += lanes<T>) f(c, lanes<T>);
    if (c < n) f(c, n - c);
}
/// The lanes that belong to the row, `other` in the rest.
template <class T> Batch<T> cut(Batch<T> x, std::int64_t count, T other) {
    return count == lanes<T> ? x : where(first_lanes<T>(count), x, Batch<T>(other));
}
template <class T> void put(T* p, Batch<T> x, std::int64_t count) {
    if (count == lanes<T>) x.store(p);
    else x.store_first(p, count);
}
/// NaN if any is.
template <class T> T largest(const T* x, std::int64_t n) {
    constexpr T lowest = -T(__builtin_inf());
    Batch<T> top(lowest);
    each_vector<T>(n, [&](auto c, auto count) { top = maximum(cut(Batch<T>::load(x + c), count, lowest), top); });
    T most = lowest;
    for (int i = 0; i < lanes<T>; ++i) most = top.lane(i) > most || top.lane(i) != top.lane(i) ? top.lane(i) : most;
    return most;
}
template <class T, class F> T sum_over(std::int64_t n, const F& f) {
    Batch<T> total(0);
    each_vector<T>(n, [&](auto c, auto count) { total += cut(f(c), count, T(0)); });
    return sum(total);
}
/// body(row) on several threads if that pays.
template <class F> void each_row(std::int64_t rows, double ns, const F& body) {
    parallel(rows, ns, [&](std::int64_t first, std::int64_t last) {
        for (; first < last; ++first) body(first);
    });
}
}  // namespace

template <class T> T log_sum_exp(const T* x, std::int64_t n) {
    const T top = largest(x, n);
    if (!std::isfinite(top)) return top;
    return top + T(std::log(double(sum_over<T>(n, [&](auto c) { return exp(Batch<T>::load(x + c) - top); }))));
}
template <class T> void softmax(T* y, const T* x, std::int64_t rows, std::int64_t n) {
    each_row(rows, 0.3 * double(n), [=](std::int64_t r) {
        const T* from = x + r * n;
        T* to = y + r * n;
        const T top = largest(from, n);
        Batch<T> total(0);
        each_vector<T>(n, [&](auto c, auto count) {
            const Batch<T> e = exp(Batch<T>::load(from + c) - top);
            total += cut(e, count, T(0));
            put(to + c, e, count);
        });
        if (!std::isfinite(top)) return;
        const Batch<T> share(1 / sum(total));
        each_vector<T>(n, [&](auto c, auto count) { put(to + c, Batch<T>::load(to + c) * share, count); });
    });
}
template <class T> void log_softmax(T* y, const T* x, std::int64_t rows, std::int64_t n) {
    each_row(rows, 0.3 * double(n), [=](std::int64_t r) {
        const T *from = x + r * n, total = log_sum_exp(from, n);
        each_vector<T>(n, [&](auto c, auto count) { put(y + r * n + c, Batch<T>::load(from + c) - total, count); });
    });
}
template <class T> void softmax_backward(T* dx, const T* y, const T* dy, std::int64_t rows, std::int64_t n) {
    each_row(rows, 0.2 * double(n), [=](std::int64_t r) {
        const T *out = y + r * n, *from = dy + r * n;
        const Batch<T> mean(sum_over<T>(n, [&](auto c) { return Batch<T>::load(from + c) * Batch<T>::load(out + c); }));
        each_vector<T>(n, [&](auto c, auto count) {
            put(dx + r * n + c, Batch<T>::load(out + c) * (Batch<T>::load(from + c) - mean), count);
        });
    });
}
template <class T> void log_softmax_backward(T* dx, const T* y, const T* dy, std::int64_t rows, std::int64_t n) {
    each_row(rows, 0.3 * double(n), [=](std::int64_t r) {
        const T *out = y + r * n, *from = dy + r * n;
        const Batch<T> total(sum_over<T>(n, [&](auto c) { return Batch<T>::load(from + c); }));
        each_vector<T>(n, [&](auto c, auto count) {
            put(dx + r * n + c, Batch<T>::load(from + c) - exp(Batch<T>::load(out + c)) * total, count);
        });
    });
}

#define XG_INSTANTIATE(T)                                                               \
    template T log_sum_exp(const T*, std::int64_t);                                     \
    template void softmax(T*, const T*, std::int64_t, std::int64_t);                    \
    template void log_softmax(T*, const T*, std::int64_t, std::int64_t);                \
    template void softmax_backward(T*, const T*, const T*, std::int64_t, std::int64_t); \
    template void log_softmax_backward(T*, const T*, const T*, std::int64_t, std::int64_t);
XG_INSTANTIATE(float)
XG_INSTANTIATE(double)
#undef XG_INSTANTIATE

}  // namespace xg::kernel
