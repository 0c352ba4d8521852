#pragma once
#include <limits>
#include "training.h"

namespace bench {

/// Attention of one head over T steps of E features, forward and backward, written for queries, keys and values that
/// lie side by side in rows of 3 D: 32 queries at a time against the keys up to the diagonal, everything in cache.
template <int T, int D, int E> class CausalAttention {
    static constexpr int block = 32, blocks = T / block, Q = 3 * D, L = int(xg::lanes<float>);
    using V = xg::Batch<float>;
    using Product = loops::Product;

public:
    CausalAttention() {
        for (int b = 0; b < blocks; ++b) {
            const int keys = block * (b + 1);
            scores_.push_back({block, keys, E, {E, T, T}});                                   // q k^T, or dy v^T
            mix_.push_back({block, E, keys, {T, E, D}});                                      // p v
            mix_back_.push_back({block, E, keys, {T, E, Q}});                                 // slopes k
            across_.push_back({block, E, T - block * b, {T, E, Q}, Product::A::transposed});  // slopes^T q, p^T dy
        }
    }
    /// qkv is without its bias; p (T, T) keeps the shares of the values, y has rows of D.
    void forward(const float* qkv, const float* bias, float* p, float* y) {
        pack(q_, qkv, bias, scale), pack(k_, qkv + D, bias + D, 1), pack(v_, qkv + 2 * D, bias + 2 * D, 1);
        loops::transpose(turned_, T, k_, T, E);
        for (int b = 0; b < blocks; ++b) {
            float* rows = p + b * block * T;
            scores_[b](q_ + b * block * E, turned_, rows);
            for (int r = 0; r < block; ++r) softmax(rows + r * T, b * block + r + 1, block * (b + 1));
            mix_[b](rows, v_, y + b * block * D);
        }
    }
    /// dqkv from dy; the bias' gradient grows by its sums.
    void backward(const float* qkv, const float* bias, const float* p, const float* y, const float* dy, float* dqkv,
                  float* dbias) {
        pack(q_, qkv, bias, scale), pack(k_, qkv + D, bias + D, scale), pack(v_, qkv + 2 * D, bias + 2 * D, 1);
        loops::transpose(turned_, T, v_, T, E);
        for (int i = 0; i < T; ++i) {
            V sum(0);
            for (int j = 0; j < E; j += L) {
                const V d = V::load(dy + i * D + j);
                d.store(dy_ + i * E + j), sum += d * V::load(y + i * D + j);
            }
            delta_[i] = sum_across(sum);
        }
        for (int b = 0; b < blocks; ++b) {
            const int first = b * block;
            float* rows = slopes_ + first * T;
            scores_[b](dy_ + first * E, turned_, rows);
            for (int i = 0; i < block; ++i)
                for (int j = 0; j < first + block; j += L) {
                    const V slope = V::load(rows + i * T + j) - delta_[first + i];
                    (V::load(p + (first + i) * T + j) * slope).store(rows + i * T + j);
                }
            mix_back_[b](rows, k_, dqkv + first * Q);
        }
        for (int b = 0; b < blocks; ++b) {
            const int corner = b * block * T + b * block, first = b * block;
            across_[b](slopes_ + corner, q_ + first * E, dqkv + first * Q + D);
            across_[b](p + corner, dy_ + first * E, dqkv + first * Q + 2 * D);
        }
        for (int part = 0; part < 3 * D; part += D)
            for (int j = 0; j < E; j += L) {
                V sum = V::load(dbias + part + j);
                for (int i = 0; i < T; ++i) sum += V::load(dqkv + i * Q + part + j);
                sum.store(dbias + part + j);
            }
    }

private:
    void pack(float* to, const float* from, const float* bias, float by) {
        for (int i = 0; i < T; ++i)
            for (int j = 0; j < E; j += L) ((V::load(from + i * Q + j) + V::load(bias + j)) * by).store(to + i * E + j);
    }
    /// The first n of `width` scores take part, the others become 0.
    static void softmax(float* y, int n, int width) {
        const int full = (n + L - 1) / L, last = (full - 1) * L;
        V e[T / L], top = where(xg::first_lanes<float>(n - last), V::load(y + last), V(-1e30f)), total(0);
        top.store(y + last);
        for (int j = 0; j < last; j += L) top = maximum(top, V::load(y + j));
        const float most = max_across(top);
        for (int j = 0; j < full; ++j) e[j] = xg::exp(V::load(y + j * L) - most), total += e[j];
        const float inverse = 1 / sum_across(total);
        for (int j = 0; j < full; ++j) (e[j] * inverse).store(y + j * L);
        for (int j = full * L; j < width; j += L) V(0).store(y + j);
    }

    const float scale = 1 / std::sqrt(float(E));
    loops::Floats q_{T * E}, k_{T * E}, v_{T * E}, turned_{T * E}, dy_{T * E}, slopes_{T * T}, delta_{T};
    std::vector<Product> scores_, mix_, mix_back_, across_;
};

}  // namespace bench
