#pragma once
#include <cstdint>

// Along rows of n numbers, all rows next to each other. Float32 and float64; outputs may be inputs.
namespace xg::kernel {

/// log(sum of e^x) of one row; the largest value itself where that is infinite or NaN.
template <class T> T log_sum_exp(const T* x, std::int64_t n);
/// y = e^x over its row's sum.
template <class T> void softmax(T* y, const T* x, std::int64_t rows, std::int64_t n);
/// y = x - log(sum of e^x).
template <class T> void log_softmax(T* y, const T* x, std::int64_t rows, std::int64_t n);
/// dx = y (dy - sum(dy y)), y being softmax's output.
template <class T> void softmax_backward(T* dx, const T* y, const T* dy, std::int64_t rows, std::int64_t n);
/// dx = dy - e^y sum(dy), y being log_softmax's output.
template <class T> void log_softmax_backward(T* dx, const T* y, const T* dy, std::int64_t rows, std::int64_t n);

}  // namespace xg::kernel
