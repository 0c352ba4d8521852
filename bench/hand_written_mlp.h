#pragma once
// What the machine allows: the training step of a ReLU network with softmax cross-entropy and Adam, written for this
// one case. Products by LIBXSMM kernels looked up once, everything else a loop over memory that stays where it is.
#include <libxsmm.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace bench {

class HandWrittenMlp {
    using Kernel = libxsmm_smmfunction;
    /// Row-major c (m, n) = op(a) b; LIBXSMM sees the transposes of all three.
    static Kernel product(int m, int n, int k, bool transpose_a) {
        const int lda = n, ldb = transpose_a ? m : k, ldc = n;
        const int flags = transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
        const float one = 1, zero = 0;
        return libxsmm_smmdispatch(n, m, k, &lda, &ldb, &ldc, &one, &zero, &flags, nullptr);
    }
    struct Layer {
        int in, out;
        float *w, *b, *dw, *db;        // within the flat buffers
        std::vector<float> y, dy, wt;  // output, its gradient, the weights transposed
        Kernel forward, weights, inputs;
    };

public:
    HandWrittenMlp(std::vector<int> sizes, int batch) : batch_(batch) {
        std::size_t total = 0;
        for (std::size_t i = 0; i + 1 < sizes.size(); ++i)
            total += std::size_t(sizes[i] + 1) * std::size_t(sizes[i + 1]);
        for (auto* buffer : {&values_, &gradients_, &momentum_, &velocity_}) buffer->assign(total + 16, 0);
        std::size_t at = 0;
        for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
            const int in = sizes[i], out = sizes[i + 1];
            Layer l{in,
                    out,
                    &values_[at],
                    &values_[at + std::size_t(in * out)],
                    &gradients_[at],
                    &gradients_[at + std::size_t(in * out)],
                    {},
                    {},
                    {},
                    product(batch, out, in, false),
                    product(in, out, batch, true),
                    product(batch, in, out, false)};
            l.y.resize(std::size_t(batch * out)), l.dy.resize(std::size_t(batch * out)),
                l.wt.resize(std::size_t(in * out));
            layers_.push_back(std::move(l));
            at += std::size_t((in + 1) * out);
        }
    }
    float* kernel(std::size_t layer) { return layers_[layer].w; }

    /// One step; returns the loss before it.
    float step(const float* x, const std::int64_t* labels, float rate = 1e-3f) {
        const float* input = x;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            Layer& l = layers_[i];
            l.forward(l.w, input, l.y.data());
            const bool last = i + 1 == layers_.size();
            for (int r = 0; r < batch_; ++r)
                for (int c = 0; c < l.out; ++c) {
                    float& v = l.y[std::size_t(r * l.out + c)];
                    v += l.b[c];
                    if (!last) v = std::max(v, 0.f);
                }
            input = l.y.data();
        }
        const float loss = softmax_cross_entropy(labels);
        for (std::size_t i = layers_.size(); i-- > 0;) {
            Layer& l = layers_[i];
            l.weights(l.dy.data(), i ? layers_[i - 1].y.data() : x, l.dw);
            std::fill_n(l.db, l.out, 0.f);
            for (int r = 0; r < batch_; ++r)
                for (int c = 0; c < l.out; ++c) l.db[c] += l.dy[std::size_t(r * l.out + c)];
            if (i == 0) break;
            Layer& below = layers_[i - 1];
            transpose(l.wt.data(), l.w, l.in, l.out);
            l.inputs(l.wt.data(), l.dy.data(), below.dy.data());
            for (std::size_t k = 0; k < below.dy.size(); ++k) below.dy[k] = below.y[k] > 0 ? below.dy[k] : 0;
        }
        adam(rate);
        return loss;
    }

private:
    float softmax_cross_entropy(const std::int64_t* labels) {
        Layer& l = layers_.back();
        float loss = 0;
        for (int r = 0; r < batch_; ++r) {
            const float* y = &l.y[std::size_t(r * l.out)];
            float* dy = &l.dy[std::size_t(r * l.out)];
            const float top = *std::max_element(y, y + l.out);
            float total = 0;
            for (int c = 0; c < l.out; ++c) total += dy[c] = std::exp(y[c] - top);
            for (int c = 0; c < l.out; ++c) dy[c] /= total * float(batch_);
            dy[labels[r]] -= 1 / float(batch_);
            loss += std::log(total) + top - y[labels[r]];
        }
        return loss / float(batch_);
    }
    /// In tiles, so that neither side strides through memory.
    static void transpose(float* __restrict to, const float* __restrict from, int rows, int columns) {
        constexpr int tile = 16;
        for (int r0 = 0; r0 < rows; r0 += tile)
            for (int c0 = 0; c0 < columns; c0 += tile)
                for (int c = c0; c < std::min(columns, c0 + tile); ++c)
                    for (int r = r0; r < std::min(rows, r0 + tile); ++r) to[c * rows + r] = from[r * columns + c];
    }
    void adam(float rate) {
        ++steps_;
        const float scaled = rate * std::sqrt(1 - float(std::pow(0.999, steps_))) / (1 - float(std::pow(0.9, steps_)));
        float* __restrict w = values_.data(), * __restrict m = momentum_.data(), * __restrict v = velocity_.data();
        const float* __restrict g = gradients_.data();
        for (std::size_t i = 0; i < values_.size(); ++i) {
            m[i] += 0.1f * (g[i] - m[i]);
            v[i] += 0.001f * (g[i] * g[i] - v[i]);
            w[i] -= scaled * m[i] / (std::sqrt(v[i]) + 1e-7f);
        }
    }

    int batch_;
    double steps_ = 0;
    std::vector<float> values_, gradients_, momentum_, velocity_;
    std::vector<Layer> layers_;
};

}  // namespace bench
