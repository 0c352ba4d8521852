#include "mlp.h"
#include <algorithm>
#include <cmath>
#include "../../tensor/simd/math.h"

namespace bench {

namespace {
using B = xg::Batch<float>;
constexpr auto W = xg::lanes<float>;

/// Row-major c (m, n) = op(a) b; LIBXSMM sees the transposes of all three.
libxsmm_smmfunction product(int m, int n, int k, bool transpose_a) {
    const int lda = n, ldb = transpose_a ? m : k, ldc = n;
    const int flags = transpose_a ? LIBXSMM_GEMM_FLAG_TRANS_B : LIBXSMM_GEMM_FLAG_NONE;
    const float one = 1, zero = 0;
    return libxsmm_smmdispatch(n, m, k, &lda, &ldb, &ldc, &one, &zero, &flags, nullptr);
}
/// In tiles, so that neither side strides through memory.
void transpose(float* __restrict to, const float* __restrict from, int rows, int columns) {
    constexpr int tile = 16;
    for (int r0 = 0; r0 < rows; r0 += tile)
        for (int c0 = 0; c0 < columns; c0 += tile)
            for (int c = c0; c < std::min(columns, c0 + tile); ++c)
                for (int r = r0; r < std::min(rows, r0 + tile); ++r) to[c * rows + r] = from[r * columns + c];
}
/// Philox4x32-7 of 16 counters at once: 128 numbers of 16 bits.
void philox(std::uint16_t* out, std::uint32_t block, std::uint32_t step) {
    constexpr int n = 16;
    std::uint32_t a[n], b[n], c[n] = {}, d[n] = {};
    for (int i = 0; i < n; ++i) a[i] = block * n + std::uint32_t(i), b[i] = step;
    std::uint32_t k0 = 42, k1 = 0x1234567;
    for (int round = 0; round < 7; ++round, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u)
        for (int i = 0; i < n; ++i) {
            const std::uint64_t p = std::uint64_t(0xD2511F53u) * a[i], q = std::uint64_t(0xCD9E8D57u) * c[i];
            a[i] = std::uint32_t(q >> 32) ^ b[i] ^ k0;
            c[i] = std::uint32_t(p >> 32) ^ d[i] ^ k1;
            b[i] = std::uint32_t(q);
            d[i] = std::uint32_t(p);
        }
    for (int i = 0; i < n; ++i) {
        const std::uint32_t words[] = {a[i], b[i], c[i], d[i]};
        for (int w = 0; w < 4; ++w)
            out[2 * n * w + i] = std::uint16_t(words[w]), out[2 * n * w + n + i] = std::uint16_t(words[w] >> 16);
    }
}
}  // namespace

HandWrittenMlp::HandWrittenMlp(std::vector<int> sizes, int batch, Loss loss, float dropout)
    : loss_(loss), batch_(batch), dropout_(dropout) {
    std::size_t total = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) total += std::size_t(sizes[i] + 1) * std::size_t(sizes[i + 1]);
    for (auto* buffer : {&values_, &gradients_, &momentum_, &velocity_}) buffer->assign(total + 16, 0);
    std::size_t at = 0, widest = 0;
    for (std::size_t i = 0; i + 1 < sizes.size(); ++i) {
        const int in = sizes[i], out = sizes[i + 1];
        const auto weights = std::size_t(in * out), outputs = std::size_t(batch * out);
        layers_.push_back({in, out, &values_[at], &values_[at + weights], &gradients_[at], &gradients_[at + weights],
                           std::vector<float>(outputs + 16), std::vector<float>(outputs + 16),
                           std::vector<float>(weights), product(batch, out, in, false), product(in, out, batch, true),
                           product(batch, in, out, false)});
        at += std::size_t((in + 1) * out);
        widest = std::max(widest, std::size_t(out));
    }
    bits_.resize((widest + 127) / 128 * 128);
}

float HandWrittenMlp::step(const float* x, const void* targets, float rate) {
    kept_ = drawn_ = 0;
    forward(x);
    const float loss = loss_ == Loss::squares ? squares(static_cast<const float*>(targets))
                                              : cross_entropy(static_cast<const std::int64_t*>(targets));
    backward(x);
    adam(rate);
    return loss;
}
const std::uint16_t* HandWrittenMlp::draw(std::size_t layer, int row) {
    const int out = layers_[layer].out, blocks = (out + 127) / 128;
    for (int k = 0; k < blocks; ++k)
        philox(&bits_[std::size_t(128 * k)], std::uint32_t((int(layer) * batch_ + row) * blocks + k),
               std::uint32_t(steps_));
    return bits_.data();
}
/// Bias, ReLU, dropout.
void HandWrittenMlp::activate(Layer& l, std::size_t index) {
    const float* __restrict b = l.b;
    const auto cut = std::uint16_t(dropout_ * 65536);
    const float scale = 1 / (1 - dropout_);
    for (int r = 0; r < batch_; ++r) {
        float* __restrict y = &l.y[std::size_t(r * l.out)];
        if (dropout_ == 0) {
            for (int c = 0; c < l.out; ++c) y[c] = std::max(y[c] + b[c], 0.f);
            continue;
        }
        const std::uint16_t* __restrict bits = draw(index, r);
        for (int c = 0; c < l.out; ++c) {
            const float v = std::max(y[c] + b[c], 0.f) * scale;
            y[c] = bits[c] >= cut ? v : 0.f;
        }
        for (int c = 0; c < l.out; ++c) kept_ += bits[c] >= cut;
        drawn_ += std::size_t(l.out);
    }
}
void HandWrittenMlp::forward(const float* x) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
        Layer& l = layers_[i];
        l.forward(l.w, i ? layers_[i - 1].y.data() : x, l.y.data());
        if (i + 1 < layers_.size()) {
            activate(l, i);
            continue;
        }
        for (int r = 0; r < batch_; ++r)
            for (int c = 0; c < l.out; ++c) l.y[std::size_t(r * l.out + c)] += l.b[c];
        std::fill_n(l.db, l.out, 0.f);
    }
}
/// The last layer's dy and bias gradient.
float HandWrittenMlp::squares(const float* targets) {
    Layer& l = layers_.back();
    const int n = batch_ * l.out;
    const float scale = 2 / float(n);
    float* __restrict dy = l.dy.data();
    B total(0);
    for (int i = 0; i < n; i += int(W)) {
        const B off = B::load(&l.y[std::size_t(i)]) - B::load(targets + i);
        total += xg::where(xg::first_lanes<float>(n - i), off * off, B(0));
        (off * scale).store(dy + i);
    }
    for (int r = 0; r < batch_; ++r)
        for (int c = 0; c < l.out; ++c) l.db[c] += dy[r * l.out + c];
    return xg::sum(total) / float(n);
}
float HandWrittenMlp::cross_entropy(const std::int64_t* labels) {
    Layer& l = layers_.back();
    const int blocks = (l.out + int(W) - 1) / int(W);
    const float share = 1 / float(batch_);
    float loss = 0;
    for (int r = 0; r < batch_; ++r) {
        const float* y = &l.y[std::size_t(r * l.out)];
        float* dy = &l.dy[std::size_t(r * l.out)];
        const float top = *std::max_element(y, y + l.out);
        B total(0);
        for (int k = 0; k < blocks; ++k)
            total += xg::where(xg::first_lanes<float>(l.out - k * W), xg::exp(B::load(y + k * W) - top), B(0));
        const float sum = xg::sum(total), scale = share / sum;
        for (int k = 0; k < blocks; ++k) (xg::exp(B::load(y + k * W) - top) * scale).store(dy + k * W);
        dy[labels[r]] -= share;
        for (int c = 0; c < l.out; ++c) l.db[c] += dy[c];
        loss += std::log(sum) + top - y[labels[r]];
    }
    return loss * share;
}
/// Through dropout and ReLU, the bias gradient on the way.
void HandWrittenMlp::deactivate(Layer& l) {
    std::fill_n(l.db, l.out, 0.f);
    const float scale = 1 / (1 - dropout_);
    for (int r = 0; r < batch_; ++r) {
        float* __restrict dy = &l.dy[std::size_t(r * l.out)];
        const float* __restrict y = &l.y[std::size_t(r * l.out)];
        float* __restrict db = l.db;
        for (int c = 0; c < l.out; ++c) {
            const float d = y[c] > 0 ? dy[c] * scale : 0.f;  // what dropout took is 0 as well
            dy[c] = d;
            db[c] += d;
        }
    }
}
void HandWrittenMlp::backward(const float* x) {
    for (std::size_t i = layers_.size(); i-- > 0;) {
        Layer& l = layers_[i];
        l.weights(l.dy.data(), i ? layers_[i - 1].y.data() : x, l.dw);
        if (i == 0) break;
        transpose(l.wt.data(), l.w, l.in, l.out);
        l.inputs(l.wt.data(), l.dy.data(), layers_[i - 1].dy.data());
        deactivate(layers_[i - 1]);
    }
}
void HandWrittenMlp::adam(float rate) {
    ++steps_;
    const float scaled = rate * float(std::sqrt(1 - std::pow(0.999, steps_)) / (1 - std::pow(0.9, steps_)));
    float *w = values_.data(), *m = momentum_.data(), *v = velocity_.data();
    const float* gradient = gradients_.data();
    for (std::size_t i = 0; i + 16 <= values_.size(); i += std::size_t(W)) {
        const B g = B::load(gradient + i), old_m = B::load(m + i), old_v = B::load(v + i);
        const B new_m = old_m + 0.1f * (g - old_m), new_v = old_v + 0.001f * (g * g - old_v);
        new_m.store(m + i), new_v.store(v + i);
        (B::load(w + i) - scaled * new_m / (xg::sqrt(new_v) + 1e-7f)).store(w + i);
    }
}

}  // namespace bench
