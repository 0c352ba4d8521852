#pragma once
#include <cstdint>

namespace xg::kernel {

// Rows of n neighbours, each normalized on its own. `statistics` holds (mean, 1 / deviation) a row. Outputs are whole
// buffers of rows * n elements; gamma and beta may be null. The same bits for any number of threads.
struct RowNorm {
    std::int64_t rows, n;
    double epsilon;
    bool center;       // else the mean counts as 0
    bool add = false;  // the gradient of x is added to what is there
};
template <class T>
void normalize_rows(T* y, T* statistics, const T* x, const T* gamma, const T* beta, const RowNorm& norm);
/// dgamma and dbeta may be null.
template <class T> void normalize_rows_backward(T* dx, T* dgamma, T* dbeta, const T* dy, const T* x,
                                                const T* statistics, const T* gamma, const RowNorm& norm);

// Columns of a (rows, n) matrix: one channel each. mean and variance of n numbers.
template <class T> void column_moments(T* mean, T* variance, const T* x, std::int64_t rows, std::int64_t n);
/// sum_dy[c] = sum of dy, sum_dy_x[c] = sum of dy (x - mean[c]).
template <class T>
void column_products(T* sum_dy, T* sum_dy_x, const T* dy, const T* x, const T* mean, std::int64_t rows, std::int64_t n);

}  // namespace xg::kernel
