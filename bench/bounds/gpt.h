#pragma once
// What the machine allows, for a small GPT: 4 blocks of 256 features with 8 heads, normalization first, tanh-GELU,
// learned positions, untied head over 96 characters; Adam; 8 sequences of 128, one thread. Between the products there
// is one pass a tensor: residual + bias + layer normalization, bias + GELU, and their gradients with the biases' sums
// on the way.
#include "causal_attention.h"

namespace bench {

class HandWrittenGpt {
    static constexpr int S = 8, T = 128, N = S * T, D = 256, heads = 8, E = D / heads, F = 1024, characters = 96;
    static constexpr int layers = 4, Q = 3 * D, L = int(xg::lanes<float>), registers = D / L;
    static constexpr int wide = F + 16;  // rows of 4096 bytes would all meet in one set of the cache
    using V = xg::Batch<float>;
    using Floats = loops::Floats;

public:
    using Input = std::int64_t;
    /// Of a block, counted from `in_block(l)`; query, key and value are the columns of one matrix.
    enum { gamma1, beta1, qkv, qkv_bias, merge, merge_bias, gamma2, beta2, up, up_bias, down, down_bias, of_a_block };
    enum { tokens, positions, first_block, gamma = first_block + layers * of_a_block, beta, head, count };
    static constexpr int in_block(int l) { return first_block + l * of_a_block; }
    float* parameter(int i) { return parameters_.value(i); }

    /// One step on characters (8, 128); returns the loss before it.
    float step(const std::int64_t* x, const std::int64_t* next, float rate = 1e-3f) {
        parameters_.clear_gradients(tokens, count);
        for (int i = 0; i < N; ++i)
            add_normalize(parameter(tokens) + x[i] * D, parameter(positions) + i % T * D, zeros_, in_block(0) + gamma1,
                          states_[0].x + i * D, states_[0].normal1 + i * D, states_[0].statistics1 + 2 * i, 1);
        for (int l = 0; l < layers; ++l) forward(l);
        State& top = states_[layers];
        product(top.normal1, D, head, D, characters, logits_, characters);
        const float loss = loops::softmax_cross_entropy(logits_, nullptr, next, N, characters);
        gradient_of_weights(top.normal1, D, logits_, characters, D, characters, head);
        product_back(logits_, characters, head, D, characters, sum_, D);
        normalize_backward(sum_, top.x, top.statistics1, gamma, nullptr, dx_,
                           parameters_.gradient(in_block(layers - 1) + down_bias));
        for (int l = layers - 1; l >= 0; --l) backward(l);
        for (int i = 0; i < N; ++i) {
            add_row(parameters_.gradient(tokens) + x[i] * D, dx_ + i * D);
            add_row(parameters_.gradient(positions) + i % T * D, dx_ + i * D);
        }
        parameters_.adam(rate);
        return loss;
    }

private:
    struct State {  // what a block keeps: sums that go in, normalized, between, ...
        Floats x{N * D}, normal1{N * D}, qkv{N * Q}, shares{S * heads * T * T}, attended{N * D}, between{N * D};
        Floats normal2{N * D}, up{N * wide}, gelu{N * wide}, statistics1{2 * N}, statistics2{2 * N};
    };

    void forward(int l) {
        State &s = states_[l], &after = states_[l + 1];
        const int p = in_block(l), next = l + 1 == layers ? int(gamma) : p + of_a_block + gamma1;
        product(s.normal1, D, p + qkv, D, Q, s.qkv, Q);
        for (int i = 0; i < S * heads; ++i) {
            const int rows = i / heads * T, column = i % heads * E;
            attention_.forward(s.qkv + rows * Q + column, parameter(p + qkv_bias) + column, s.shares + i * T * T,
                               s.attended + rows * D + column);
        }
        product(s.attended, D, p + merge, D, D, sum_, D);
        add_normalize(s.x, sum_, parameter(p + merge_bias), p + gamma2, s.between, s.normal2, s.statistics2, N);
        product(s.normal2, D, p + up, D, F, s.up, wide);
        bias_gelu(s.up, parameter(p + up_bias), s.gelu);
        product(s.gelu, wide, p + down, F, D, sum_, D);
        add_normalize(s.between, sum_, parameter(p + down_bias), next, after.x, after.normal1, after.statistics1, N);
    }
    /// dx_ is the gradient of what comes out of the block, then of what goes in.
    void backward(int l) {
        State& s = states_[l];
        const int p = in_block(l);
        gradient_of_weights(s.gelu, wide, dx_, D, F, D, p + down);
        product_back(dx_, D, p + down, F, D, dup_, wide);
        gelu_backward(dup_, s.up, parameters_.gradient(p + up_bias));
        gradient_of_weights(s.normal2, D, dup_, wide, D, F, p + up);
        product_back(dup_, wide, p + up, D, F, sum_, D);
        normalize_backward(sum_, s.between, s.statistics2, p + gamma2, dx_, dbetween_,
                           parameters_.gradient(p + merge_bias));
        gradient_of_weights(s.attended, D, dbetween_, D, D, D, p + merge);
        product_back(dbetween_, D, p + merge, D, D, sum_, D);
        for (int i = 0; i < S * heads; ++i) {
            const int rows = i / heads * T, column = i % heads * E;
            attention_.backward(s.qkv + rows * Q + column, parameter(p + qkv_bias) + column, s.shares + i * T * T,
                                s.attended + rows * D + column, sum_ + rows * D + column, dqkv_ + rows * Q + column,
                                parameters_.gradient(p + qkv_bias) + column);
        }
        gradient_of_weights(s.normal1, D, dqkv_, Q, D, Q, p + qkv);
        product_back(dqkv_, Q, p + qkv, D, Q, sum_, D);
        float* below = l ? parameters_.gradient(in_block(l - 1) + down_bias) : unused_;
        normalize_backward(sum_, s.x, s.statistics1, p + gamma1, dbetween_, dx_, below);
    }

    void product(const float* a, int lda, int weights, int k, int n, float* c, int ldc) {
        loops::large_product('N', N, n, k, a, lda, parameter(weights), n, c, ldc);
    }
    /// dx = dy w^T; a copy of w^T is cheaper than reading w down its columns.
    void product_back(const float* dy, int ld, int weights, int k, int n, float* dx, int ldx) {
        loops::transpose(turned_, k + 16, parameter(weights), k, n);
        loops::large_product('N', N, k, n, dy, ld, turned_, k + 16, dx, ldx);
    }
    void gradient_of_weights(const float* x, int ldx, const float* dy, int ld, int k, int n, int weights) {
        loops::large_product('T', k, n, N, x, ldx, dy, ld, parameters_.gradient(weights), n);
    }
    static void add_row(float* to, const float* from) {
        for (int j = 0; j < D; j += L) (V::load(to + j) + V::load(from + j)).store(to + j);
    }

    /// x = u + v + bias, y = its normalization; mean and 1 / deviation are kept.
    void add_normalize(const float* u, const float* v, const float* bias, int scale, float* x, float* y,
                       float* statistics, int rows) {
        const float *g = parameter(scale), *b = parameter(scale + 1);
        for (int r = 0; r < rows; ++r, u += D, v += D, x += D, y += D, statistics += 2) {
            V z[registers], total(0), squares(0);
#pragma GCC unroll 16
            for (int j = 0; j < registers; ++j) {
                z[j] = V::load(u + j * L) + V::load(v + j * L) + V::load(bias + j * L);
                z[j].store(x + j * L), total += z[j];
            }
            const float mean = sum_across(total) / D;
#pragma GCC unroll 16
            for (int j = 0; j < registers; ++j) z[j] = z[j] - mean, squares += z[j] * z[j];
            const float inverse = 1 / std::sqrt(sum_across(squares) / D + 1e-5f);
            statistics[0] = mean, statistics[1] = inverse;
#pragma GCC unroll 16
            for (int j = 0; j < registers; ++j)
                (z[j] * inverse * V::load(g + j * L) + V::load(b + j * L)).store(y + j * L);
        }
    }
    /// dx = residual + the normalization's gradient; `below` grows by the sums of dx, a bias' gradient.
    void normalize_backward(const float* dy, const float* x, const float* statistics, int scale, const float* residual,
                            float* dx, float* below) {
        const float* g = parameter(scale);
        float *dg = parameters_.gradient(scale), *db = parameters_.gradient(scale + 1);
        for (int r = 0; r < N; ++r, dy += D, x += D, dx += D, statistics += 2) {
            V y[registers], normal[registers], total(0), along(0);
            const float mean = statistics[0], inverse = statistics[1];
#pragma GCC unroll 16
            for (int j = 0; j < registers; ++j) {
                const V d = V::load(dy + j * L);
                normal[j] = (V::load(x + j * L) - mean) * inverse, y[j] = d * V::load(g + j * L);
                total += y[j], along += y[j] * normal[j];
                (V::load(dg + j * L) + d * normal[j]).store(dg + j * L), (V::load(db + j * L) + d).store(db + j * L);
            }
            const float m = sum_across(total) / D, n = sum_across(along) / D;
#pragma GCC unroll 16
            for (int j = 0; j < registers; ++j) {
                V d = inverse * (y[j] - m - normal[j] * n);
                if (residual) d += V::load(residual + r * D + j * L);
                d.store(dx + j * L), (V::load(below + j * L) + d).store(below + j * L);
            }
        }
    }
    // gelu(x) = x sigmoid(2 root (x + cubic x^3)), root = sqrt(2 / pi).
    static constexpr float root = 0.7978845608f, cubic = 0.044715f;
    static void bias_gelu(float* x, const float* bias, float* y) {
        for (int r = 0; r < N; ++r, x += wide, y += wide)
            for (int j = 0; j < F; j += L) {
                const V v = V::load(x + j) + V::load(bias + j);
                v.store(x + j), (v * xg::sigmoid(2 * root * v * (1 + cubic * v * v))).store(y + j);
            }
    }
    static void gelu_backward(float* d, const float* x, float* dbias) {
        for (int r = 0; r < N; ++r, x += wide, d += wide)
            for (int j = 0; j < F; j += L) {
                const V v = V::load(x + j), z = cubic * v * v, s = xg::sigmoid(2 * root * v * (1 + z));
                const V dv = V::load(d + j) * (s + v * s * (1 - s) * (2 * root) * (1 + 3 * z));
                dv.store(d + j), (V::load(dbias + j) + dv).store(dbias + j);
            }
    }
    static std::vector<int> sizes() {
        std::vector<int> all{characters * D, T * D};
        for (int l = 0; l < layers; ++l)
            for (const int n : {D, D, D * Q, Q, D * D, D, D, D, D * F, F, F * D, D}) all.push_back(n);
        for (const int n : {D, D, D * characters}) all.push_back(n);
        return all;
    }

    loops::Parameters parameters_{sizes()};
    CausalAttention<T, D, E> attention_;
    State states_[layers + 1];
    Floats logits_{N * characters}, sum_{N * D}, dx_{N * D}, dbetween_{N * D}, dup_{N * wide}, dqkv_{N * Q};
    Floats turned_{F * (F + 16)}, zeros_{D}, unused_{D};
};

}  // namespace bench
