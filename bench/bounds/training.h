#pragma once
// What training steps written by hand share: memory, products, Adam, softmax cross-entropy. One thread.
#include <dnnl.h>
#include <libxsmm.h>
#include <sys/mman.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <vector>
#include "../../tensor/kernels/onednn.h"
#include "../../tensor/simd/across.h"
#include "../../tensor/simd/math.h"

namespace bench::loops {

/// Zeros, on huge pages where they fill one, which may be read and written one vector past their end.
class Floats {
    struct Free {
        void operator()(float* p) const { std::free(p); }
    };

public:
    explicit Floats(int n) {
        constexpr std::size_t line = 64, page = std::size_t(1) << 21;
        const std::size_t bytes = std::size_t(n) * sizeof(float) + line, align = bytes < page ? line : page;
        const std::size_t whole = (bytes + align - 1) / align * align;
        data_.reset(static_cast<float*>(std::aligned_alloc(align, whole)));
        if (!data_) throw std::bad_alloc();
        if (align == page) madvise(data_.get(), whole, MADV_HUGEPAGE);
        std::memset(data_.get(), 0, whole);
    }
    operator float*() { return data_.get(); }
    operator const float*() const { return data_.get(); }

private:
    std::unique_ptr<float, Free> data_;
};

/// The parameters of a network, their gradients and moments in four parallel arrays; each tensor begins a whole vector.
class Parameters {
    using V = xg::Batch<float>;
    static constexpr int L = int(xg::lanes<float>);

public:
    explicit Parameters(const std::vector<int>& sizes)
        : offsets_(starts(sizes)),
          values_(offsets_.back()),
          gradients_(offsets_.back()),
          momentum_(offsets_.back()),
          velocity_(offsets_.back()) {}
    float* value(int i) { return values_ + offsets_[std::size_t(i)]; }
    float* gradient(int i) { return gradients_ + offsets_[std::size_t(i)]; }
    /// Of the parameters [first, last).
    void clear_gradients(int first, int last) { std::fill(gradient(first), gradient(last), 0.f); }
    void adam(float rate) {
        ++steps_;
        const float scaled = rate * std::sqrt(1 - float(std::pow(0.999, steps_))) / (1 - float(std::pow(0.9, steps_)));
        for (int i = 0; i < offsets_.back(); i += L) {
            const V g = V::load(gradients_ + i), m = V::load(momentum_ + i) * 0.9f + g * 0.1f,
                    v = V::load(velocity_ + i) * 0.999f + g * g * 0.001f;
            m.store(momentum_ + i), v.store(velocity_ + i);
            (V::load(values_ + i) - scaled * m / (sqrt(v) + 1e-7f)).store(values_ + i);
        }
    }

private:
    static std::vector<int> starts(const std::vector<int>& sizes) {
        std::vector<int> offsets{0};
        for (const int n : sizes) offsets.push_back(offsets.back() + (n + L - 1) / L * L);
        return offsets;
    }

    double steps_ = 0;
    std::vector<int> offsets_;
    Floats values_, gradients_, momentum_, velocity_;
};

/// Elements from one row to the next.
struct Strides {
    int a, b, c;
};
/// Row-major c (m, n) = op(a) b, or c += op(a) b, by code made for these sizes; a is stored (k, m) if transposed.
class Product {
public:
    enum class A { plain, transposed };
    Product(int m, int n, int k, Strides s, A a = A::plain, bool add = false) {
        const int flags = a == A::transposed ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
        const float one = 1, beta = add ? 1 : 0;
        run_ = libxsmm_smmdispatch(n, m, k, &s.b, &s.a, &s.c, &one, &beta, &flags, nullptr);
        if (!run_) throw std::bad_alloc();
    }
    void operator()(const float* a, const float* b, float* c) const { run_(b, a, c); }

private:
    libxsmm_smmfunction run_;
};
/// The same for larger ones, whose factors have to be packed.
inline void large_product(char transpose_a, int m, int n, int k, const float* a, int lda, const float* b, int ldb,
                          float* c, int ldc) {
    const xg::kernel::onednn::OneThread guard;
    dnnl_sgemm(transpose_a, 'N', m, n, k, 1.f, a, lda, b, ldb, 0.f, c, ldc);
}
/// to (columns, rows) = from (rows, columns).
inline void transpose(float* to, int to_stride, const float* from, int rows, int columns) {
    xg::transpose_scaled(to, to_stride, from, columns, rows, columns, 1.f);
}

/// y (rows, n) + bias becomes the gradient of the mean loss, which is returned; bias may be null.
inline float softmax_cross_entropy(float* y, const float* bias, const std::int64_t* labels, int rows, int n) {
    using V = xg::Batch<float>;
    constexpr int L = int(xg::lanes<float>);
    const float share = 1 / float(rows);
    float loss = 0;
    Floats e(n);
    for (int r = 0; r < rows; ++r, y += n) {
        V most(-1e30f), total(0);
        for (int j = 0; j < n; j += L) {
            const V x = bias ? V::load(y + j) + V::load(bias + j) : V::load(y + j);
            const V counted = where(xg::first_lanes<float>(n - j), x, V(-1e30f));
            counted.store(e + j), most = maximum(most, counted);
        }
        const float top = max_across(most), picked = e[labels[r]];
        for (int j = 0; j < n; j += L) {
            const V one = xg::exp(V::load(e + j) - top);
            one.store(e + j), total += one;
        }
        const float all = sum_across(total);
        loss += std::log(all) + top - picked;
        for (int j = 0; j < n; j += L) (V::load(e + j) * (share / all)).store_first(y + j, std::min(L, n - j));
        y[labels[r]] -= share;
    }
    return loss * share;
}
/// Sums down the rows.
inline void column_sums(float* to, const float* y, int rows, int n) {
    std::fill_n(to, n, 0.f);
    for (int r = 0; r < rows; ++r)
        for (int j = 0; j < n; ++j) to[j] += y[r * n + j];
}

}  // namespace bench::loops
