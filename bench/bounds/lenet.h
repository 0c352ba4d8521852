#pragma once
// What the machine allows, for a small convolutional network: 28x28x1, convolution 3x3x32 and 3x3x64, each with relu
// and 2x2 max-pool, dense 128 with relu, dense 10, softmax cross-entropy, Adam; batch 64, one thread. Every size is a
// constant, nothing that a pool follows is stored, and two images at a time stay in cache through both convolutions.
#include <dnnl.h>
#include <libxsmm.h>
#include <cmath>
#include <cstring>
#include <vector>
#include "../../tensor/kernels/pooled_vectors.h"
#include "../../tensor/kernels/transpose.h"
#include "../../tensor/kernels/winograd_transforms.h"

namespace bench {

class HandWrittenLenet {
    static constexpr int B = 64, C1 = 32, C2 = 64, P = 14, Q = 7, F = Q * Q * C2, H = 128, O = 10;
    static constexpr int W = P + 4, group = 2, tiles = 16 * group;  // padded images; tiles of a group
    static constexpr int plane1 = tiles * C1 + 16, plane2 = tiles * C2 + 16;
    static constexpr int L = int(xg::lanes<float>);
    using V = xg::Batch<float>;
    using Bytes = std::vector<std::uint8_t>;
    struct Floats : std::vector<float> {
        explicit Floats(int n) : std::vector<float>(std::size_t(n + 16)) {}
        operator float*() { return data(); }
    };

public:
    HandWrittenLenet() {
        int at = 0;
        for (int i = 0; i < 8; ++i) offset_[i] = at, at += sizes[i];
        for (auto* buffer : {&values_, &gradients_, &momentum_, &velocity_}) buffer->resize(std::size_t(at + 16));
    }
    static constexpr int sizes[8] = {9 * C1, C1, 9 * C1* C2, C2, F* H, H, H* O, O};
    /// Kernel and bias of each layer in turn.
    float* parameter(int i) { return values_.data() + offset_[i]; }

    /// One step; returns the loss before it.
    float step(const float* x, const std::int64_t* labels, float rate = 1e-3f) {
        std::fill(gradients_.begin(), gradients_.begin() + offset_[4], 0.f);
        transform_kernels();
        for (int n = 0; n < B; n += group) {
            for (int i = n; i < n + group; ++i) first_forward(x + i * 784, i);
            second_forward(n);
        }
        sgemm('N', B, H, F, pooled2_, F, parameter(4), H, hidden_);
        for (int r = 0; r < B; ++r)
            for (int j = 0; j < H; j += L)
                maximum(V::load(hidden_ + r * H + j) + V::load(parameter(5) + j), 0).store(hidden_ + r * H + j);
        small_product(B, O, H, false)(parameter(6), hidden_, logits_);
        const float loss = softmax_cross_entropy(labels);
        dense_backward();
        for (int n = 0; n < B; n += group) {
            second_backward(n);
            for (int i = n; i < n + group; ++i) first_backward(x + i * 784, i);
        }
        finish_kernel();
        adam(rate);
        return loss;
    }

private:
    float* gradient(int i) { return gradients_.data() + offset_[i]; }
    static libxsmm_smmfunction small_product(int m, int n, int k, bool transpose_a, bool add = false) {
        const int lda = n, ldb = transpose_a ? m : k;
        const int flags = transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
        const float one = 1, beta = add ? 1 : 0;
        return libxsmm_smmdispatch(n, m, k, &lda, &ldb, &lda, &one, &beta, &flags, nullptr);
    }
    static void sgemm(char transpose_a, int m, int n, int k, const float* a, int lda, const float* b, int ldb,
                      float* c) {
        dnnl_sgemm(transpose_a, 'N', m, n, k, 1.f, a, lda, b, ldb, 0.f, c, n);
    }

    // Layer 1: nine taps of one channel, the four pixels of a pool window at once.
    const float* padded(const float* image) {
        for (int y = 0; y < 28; ++y) std::memcpy(canvas_ + (y + 1) * 32 + 1, image + y * 28, 28 * sizeof(float));
        return canvas_;
    }
    /// Where layer 1's pixel (0, 0) of an image lies within its padding.
    float* pooled1(int image) { return pooled1_ + (image * W * W + W + 1) * C1; }
    void first_forward(const float* image, int n) {
        const float* in = padded(image);
        for (int c = 0; c < C1; c += L) {
            V k[9];
            for (int t = 0; t < 9; ++t) k[t] = V::load(parameter(0) + t * C1 + c);
            const V bias = V::load(parameter(1) + c);
            for (int y = 0; y < P; ++y)
                for (int x = 0; x < P; ++x) {
                    const float* corner = in + y * 2 * 32 + x * 2;
                    V sum[4] = {0, 0, 0, 0};
#pragma GCC unroll 9
                    for (int t = 0; t < 9; ++t)
#pragma GCC unroll 4
                        for (int o = 0; o < 4; ++o) sum[o] += k[t] * V(corner[(t / 3 + o / 2) * 32 + t % 3 + o % 2]);
                    xg::kernel::pool_window(sum[0], sum[1], sum[2], sum[3], bias, true)
                        .store(pooled1(n) + (y * W + x) * C1 + c,
                               &which1_[std::size_t(((n * P + y) * P + x) * C1 + c)]);
                }
        }
    }
    void first_backward(const float* image, int n) {
        const float* in = padded(image);
        for (int c = 0; c < C1; c += L) {
            V sum[9], bias = V::load(gradient(1) + c);
            for (int t = 0; t < 9; ++t) sum[t] = V::load(gradient(0) + t * C1 + c);
            for (int y = 0; y < P; ++y)
                for (int x = 0; x < P; ++x) {
                    const float* corner = in + y * 2 * 32 + x * 2;
                    const int at = ((n * P + y) * P + x) * C1 + c;
                    const V live = V::load(pooled1(n) + (y * W + x) * C1 + c);
                    const V d = where(live > V(0), V::load(dpooled1_ + at), V(0));
                    bias += d;
                    const auto which = xg::kernel::load_which(&which1_[std::size_t(at)]);
#pragma GCC unroll 4
                    for (int o = 0; o < 4; ++o) {
                        const V own(which == xg::kernel::Which{} + o ? d.v : V(0).v);
#pragma GCC unroll 9
                        for (int t = 0; t < 9; ++t) sum[t] += own * V(corner[(t / 3 + o / 2) * 32 + t % 3 + o % 2]);
                    }
                }
            bias.store(gradient(1) + c);
            for (int t = 0; t < 9; ++t) sum[t].store(gradient(0) + t * C1 + c);
        }
    }

    // Layer 2: Winograd's F(4 x 4, 3 x 3) over two images at a time.
    void transform_kernels() {
        const auto transformed = [](float* u, const float* k, bool reverse) {
            for (int i = 0; i < C1 * C2; i += L)
                xg::kernel::winograd::both_ways<xg::kernel::winograd::Kernel>(
                    [&](int y, int x) { return V::load(k + (reverse ? 8 - y * 3 - x : y * 3 + x) * C1 * C2 + i); },
                    [&](int y, int x, V v) { v.store(u + (y * 6 + x) * C1 * C2 + i); });
        };
        transformed(kernel_, parameter(2), false);
        for (int t = 0; t < 9; ++t) xg::kernel::transpose(turned_ + t * C1 * C2, parameter(2) + t * C1 * C2, C1, C2);
        transformed(kernel_back_, turned_, true);
        std::fill(dkernel_.begin(), dkernel_.end(), 0.f);
    }
    template <class T, int channels> static void tiled(float* to, int plane, const float* images, int first) {
        for (int t = 0; t < tiles; ++t)
            for (int c = 0; c < channels; c += L) {
                const int at = ((t / 16 * W + t % 16 / 4 * 4 + first) * W + t % 4 * 4 + first) * channels;
                const float* from = images + at + c;
                xg::kernel::winograd::both_ways<T>(
                    [&](int i, int j) { return V::load(from + (i * W + j) * channels); },
                    [&](int i, int j, V v) { v.store(to + (i * 6 + j) * plane + t * channels + c); });
            }
    }
    template <int channels> static V at(const float* planes, int plane, int t, int c, int i, int j) {
        return V::load(planes + (i * 6 + j) * plane + t * channels + c);
    }
    void second_forward(int n) {
        tiled<xg::kernel::winograd::Input, C1>(inputs_, plane1, pooled1_ + n * W * W * C1, 0);
        const auto product = small_product(tiles, C2, C1, false);
        for (int i = 0; i < 36; ++i) product(kernel_ + i * C1 * C2, inputs_ + i * plane1, products_ + i * plane2);
        for (int t = 0; t < tiles; ++t)
            for (int c = 0; c < C2; c += L) {
                V y[16];
                xg::kernel::winograd::both_ways<xg::kernel::winograd::Output>(
                    [&](int i, int j) { return at<C2>(products_, plane2, t, c, i, j); },
                    [&](int i, int j, V v) { y[i * 4 + j] = v; });
                const V bias = V::load(parameter(3) + c);
                for (int w = 0; w < 4; ++w) {
                    const int row = t % 16 / 4 * 2 + w / 2, column = t % 4 * 2 + w % 2, f = w / 2 * 8 + w % 2 * 2;
                    if (row >= Q || column >= Q) continue;
                    const int place = (((n + t / 16) * Q + row) * Q + column) * C2 + c;
                    xg::kernel::pool_window(y[f], y[f + 1], y[f + 4], y[f + 5], bias, true)
                        .store(pooled2_ + place, &which2_[std::size_t(place)]);
                }
            }
    }
    void second_backward(int n) {
        for (int i = 0; i < group; ++i) unpool(n + i, images_ + i * W * W * C2);
        tiled<xg::kernel::winograd::OutputGradient, C2>(products_, plane2, images_, 1);
        tiled<xg::kernel::winograd::Input, C1>(inputs_, plane1, pooled1_ + n * W * W * C1, 0);
        const auto weights = small_product(C1, C2, tiles, true, true), back = small_product(tiles, C1, C2, false);
        for (int i = 0; i < 36; ++i) weights(products_ + i * plane2, inputs_ + i * plane1, dkernel_ + i * C1 * C2);
        tiled<xg::kernel::winograd::Input, C2>(products_, plane2, images_, 0);
        for (int i = 0; i < 36; ++i) back(kernel_back_ + i * C1 * C2, products_ + i * plane2, inputs_ + i * plane1);
        for (int t = 0; t < tiles; ++t)
            for (int c = 0; c < C1; c += L) {
                const int row = t % 16 / 4 * 4, column = t % 4 * 4;
                float* to = dpooled1_ + (((n + t / 16) * P + row) * P + column) * C1 + c;
                xg::kernel::winograd::both_ways<xg::kernel::winograd::Output>(
                    [&](int i, int j) { return at<C1>(inputs_, plane1, t, c, i, j); },
                    [&](int i, int j, V v) {
                        if (row + i < P && column + j < P) v.store(to + (i * P + j) * C1);
                    });
            }
    }
    void unpool(int n, float* image) {
        for (int c = 0; c < C2; c += L) {
            V bias = V::load(gradient(3) + c);
            for (int i = 0; i < Q * Q; ++i) {
                const int from = (n * Q * Q + i) * C2 + c;
                const V d = where(V::load(pooled2_ + from) > V(0), V::load(dpooled2_ + from), V(0));
                bias += d;
                const auto which = xg::kernel::load_which(&which2_[std::size_t(from)]);
                for (int o = 0; o < 4; ++o)
                    V(which == xg::kernel::Which{} + o ? d.v : V(0).v)
                        .store(image + ((i / Q * 2 + o / 2 + 1) * W + i % Q * 2 + o % 2 + 1) * C2 + c);
            }
            bias.store(gradient(3) + c);
        }
    }
    void finish_kernel() {
        for (int i = 0; i < C1 * C2; i += L)
            xg::kernel::winograd::both_ways<xg::kernel::winograd::KernelGradient>(
                [&](int y, int x) { return V::load(dkernel_ + (y * 6 + x) * C1 * C2 + i); },
                [&](int y, int x, V v) { v.store(gradient(2) + (y * 3 + x) * C1 * C2 + i); });
    }

    // The dense layers.
    float softmax_cross_entropy(const std::int64_t* labels) {
        float loss = 0;
        for (int r = 0; r < B; ++r) {
            float* y = logits_ + r * O;
            for (int c = 0; c < O; ++c) y[c] += parameter(7)[c];
            const float top = *std::max_element(y, y + O), picked = y[labels[r]];
            float total = 0;
            for (int c = 0; c < O; ++c) total += y[c] = std::exp(y[c] - top);
            for (int c = 0; c < O; ++c) y[c] /= total * float(B);
            y[labels[r]] -= 1 / float(B);
            loss += std::log(total) + top - picked;
        }
        return loss / float(B);
    }
    void dense_backward() {
        small_product(H, O, B, true)(logits_, hidden_, gradient(6));
        std::fill_n(gradient(7), O, 0.f);
        for (int r = 0; r < B; ++r)
            for (int c = 0; c < O; ++c) gradient(7)[c] += logits_[r * O + c];
        xg::kernel::transpose(turned_.data(), parameter(6), H, O);
        small_product(B, H, O, false)(turned_, logits_, dhidden_);
        for (int i = 0; i < B * H; i += L)
            where(V::load(hidden_ + i) > V(0), V::load(dhidden_ + i), V(0)).store(dhidden_ + i);
        std::fill_n(gradient(5), H, 0.f);
        xg::kernel::add_vectors(gradient(5), dhidden_, B, H);
        // dx^T = w dh^T: two small tensors are turned instead of the weights.
        xg::kernel::transpose(turned_.data(), dhidden_.data(), B, H);
        small_product(F, B, H, false)(turned_, parameter(4), dturned_);
        xg::kernel::transpose(dpooled2_.data(), dturned_.data(), F, B);
        sgemm('T', F, H, B, pooled2_, F, dhidden_, H, gradient(4));
    }
    void adam(float rate) {
        ++steps_;
        const float scaled = rate * std::sqrt(1 - float(std::pow(0.999, steps_))) / (1 - float(std::pow(0.9, steps_)));
        for (std::size_t i = 0; i + 16 < values_.size(); i += std::size_t(L)) {
            const V g = V::load(&gradients_[i]), m = V::load(&momentum_[i]) * 0.9f + g * 0.1f,
                    v = V::load(&velocity_[i]) * 0.999f + g * g * 0.001f;
            m.store(&momentum_[i]), v.store(&velocity_[i]);
            (V::load(&values_[i]) - scaled * m / (sqrt(v) + 1e-7f)).store(&values_[i]);
        }
    }

    int offset_[8];
    double steps_ = 0;
    std::vector<float> values_, gradients_, momentum_, velocity_;
    Floats canvas_{31 * 32}, pooled1_{B * W * W * C1}, dpooled1_{B * P * P * C1}, pooled2_{B * F}, dpooled2_{B * F};
    Floats hidden_{B * H}, dhidden_{B * H}, logits_{B * O}, turned_{9 * C1 * C2}, dturned_{F * B};
    Floats kernel_{36 * C1 * C2}, kernel_back_{36 * C1 * C2}, dkernel_{36 * C1 * C2};
    Floats inputs_{36 * plane1}, products_{36 * plane2}, images_{group * W * W * C2};
    Bytes which1_ = Bytes(std::size_t(B * P * P * C1)), which2_ = Bytes(std::size_t(B * F));
};

}  // namespace bench
