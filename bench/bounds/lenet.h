#pragma once
// What the machine allows, for a small convolutional network: 28x28x1, convolution 3x3x32 and 3x3x64, each with relu
// and 2x2 max-pool, dense 128 with relu, dense 10, softmax cross-entropy, Adam; batch 64, one thread. Every size is a
// constant, nothing that a pool follows is stored, and two images at a time stay in cache through both convolutions.
#include <cstring>
#include <vector>
#include "../../tensor/kernels/pooled_vectors.h"
#include "../../tensor/kernels/winograd_transforms.h"
#include "training.h"

namespace bench {

class HandWrittenLenet {
    static constexpr int B = 64, C1 = 32, C2 = 64, P = 14, Q = 7, F = Q * Q * C2, H = 128, O = 10;
    static constexpr int W = P + 4, group = 2, tiles = 16 * group;  // padded images; tiles of a group
    static constexpr int plane1 = tiles * C1 + 16, plane2 = tiles * C2 + 16;
    static constexpr int L = int(xg::lanes<float>);
    using V = xg::Batch<float>;
    using Bytes = std::vector<std::uint8_t>;
    using Floats = loops::Floats;
    using Product = loops::Product;

public:
    using Input = float;
    /// Kernel and bias of each layer in turn.
    float* parameter(int i) { return parameters_.value(i); }

    /// One step; returns the loss before it.
    float step(const float* x, const std::int64_t* labels, float rate = 1e-3f) {
        parameters_.clear_gradients(0, 4);
        transform_kernels();
        for (int n = 0; n < B; n += group) {
            for (int i = n; i < n + group; ++i) first_forward(x + i * 784, i);
            second_forward(n);
        }
        loops::large_product('N', B, H, F, pooled2_, F, parameter(4), H, hidden_, H);
        for (int r = 0; r < B; ++r)
            for (int j = 0; j < H; j += L)
                maximum(V::load(hidden_ + r * H + j) + V::load(parameter(5) + j), 0).store(hidden_ + r * H + j);
        dense_(hidden_, parameter(6), logits_);
        const float loss = loops::softmax_cross_entropy(logits_, parameter(7), labels, B, O);
        dense_backward();
        for (int n = 0; n < B; n += group) {
            second_backward(n);
            for (int i = n; i < n + group; ++i) first_backward(x + i * 784, i);
        }
        finish_kernel();
        parameters_.adam(rate);
        return loss;
    }

private:
    float* gradient(int i) { return parameters_.gradient(i); }
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
        for (int t = 0; t < 9; ++t) loops::transpose(turned_ + t * C1 * C2, C1, parameter(2) + t * C1 * C2, C1, C2);
        transformed(kernel_back_, turned_, true);
        std::fill_n(dkernel_ + 0, 36 * C1 * C2, 0.f);
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
        for (int i = 0; i < 36; ++i) tiles_(inputs_ + i * plane1, kernel_ + i * C1 * C2, products_ + i * plane2);
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
        for (int i = 0; i < 36; ++i)
            tile_weights_(inputs_ + i * plane1, products_ + i * plane2, dkernel_ + i * C1 * C2);
        tiled<xg::kernel::winograd::Input, C2>(products_, plane2, images_, 0);
        for (int i = 0; i < 36; ++i)
            tile_inputs_(products_ + i * plane2, kernel_back_ + i * C1 * C2, inputs_ + i * plane1);
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
    void dense_backward() {
        dense_weights_(hidden_, logits_, gradient(6));
        loops::column_sums(gradient(7), logits_, B, O);
        loops::transpose(turned_, H, parameter(6), H, O);
        dense_inputs_(logits_, turned_, dhidden_);
        for (int i = 0; i < B * H; i += L)
            where(V::load(hidden_ + i) > V(0), V::load(dhidden_ + i), V(0)).store(dhidden_ + i);
        loops::column_sums(gradient(5), dhidden_, B, H);
        // dx^T = w dh^T: two small tensors are turned instead of the weights.
        loops::transpose(turned_, B, dhidden_, B, H);
        flat_inputs_(parameter(4), turned_, dturned_);
        loops::transpose(dpooled2_, F, dturned_, F, B);
        loops::large_product('T', F, H, B, pooled2_, F, dhidden_, H, gradient(4), H);
    }

    loops::Parameters parameters_{{9 * C1, C1, 9 * C1* C2, C2, F* H, H, H* O, O}};
    Floats canvas_{31 * 32}, pooled1_{B * W * W * C1}, dpooled1_{B * P * P * C1}, pooled2_{B * F}, dpooled2_{B * F};
    Floats hidden_{B * H}, dhidden_{B * H}, logits_{B * O}, turned_{9 * C1 * C2}, dturned_{F * B};
    Floats kernel_{36 * C1 * C2}, kernel_back_{36 * C1 * C2}, dkernel_{36 * C1 * C2};
    Floats inputs_{36 * plane1}, products_{36 * plane2}, images_{group * W * W * C2};
    Bytes which1_ = Bytes(std::size_t(B * P * P * C1)), which2_ = Bytes(std::size_t(B * F));
    Product tiles_{tiles, C2, C1, {C1, C2, C2}}, tile_inputs_{tiles, C1, C2, {C2, C1, C1}};
    Product tile_weights_{C1, C2, tiles, {C1, C2, C2}, Product::A::transposed, true};
    Product dense_{B, O, H, {H, O, O}}, dense_inputs_{B, H, O, {O, H, H}}, flat_inputs_{F, B, H, {H, B, B}};
    Product dense_weights_{H, O, B, {H, O, O}, Product::A::transposed};
};

}  // namespace bench
