#pragma once
// What the machine allows, for an LSTM of 128 units over 64 steps of 32 features, dense 10 on its last state, softmax
// cross-entropy, Adam; batch 32, one thread. Rows [x_t | h_(t-1)] lie side by side in one buffer, so that the products
// with inputs and states are one, and the gradient of both kernels is one product over all steps.
#include <cstring>
#include "training.h"

namespace bench {

class HandWrittenLstm {
    static constexpr int B = 32, T = 64, I = 32, H = 128, G = 4 * H, K = I + H, O = 10;
    static constexpr int L = int(xg::lanes<float>);
    using V = xg::Batch<float>;
    using Floats = loops::Floats;
    using Product = loops::Product;
    enum { kernel, recurrent, bias, dense_kernel, dense_bias };

public:
    using Input = float;
    /// Kernel, recurrent kernel and bias with the gates i, f, c, o side by side, kernel and bias of the dense layer.
    float* parameter(int i) { return parameters_.value(i); }

    /// One step; returns the loss before it.
    float step(const float* x, const std::int64_t* labels, float rate = 1e-3f) {
        gather(x);
        for (int t = 0; t < T; ++t) {
            float *in = rows_ + t * B * K, *gates = gates_ + t * B * G, *cells = cells_ + t * B * H;
            (t ? forward_ : start_)(in, parameter(kernel), gates);
            const bool last = t + 1 == T;
            cell(gates, cells, cells + B * H, last ? last_ : in + B * K + I, last ? H : K);
        }
        dense_(last_, parameter(dense_kernel), logits_);
        const float loss = loops::softmax_cross_entropy(logits_, parameter(dense_bias), labels, B, O);
        backward();
        parameters_.adam(rate);
        return loss;
    }

private:
    /// (batch, steps, features) to the rows of each step.
    void gather(const float* x) {
        for (int t = 0; t < T; ++t)
            for (int r = 0; r < B; ++r) std::memcpy(rows_ + (t * B + r) * K, x + (r * T + t) * I, I * sizeof(float));
    }
    void backward() {
        loops::transpose(turned_, H, parameter(recurrent), H, G);
        loops::transpose(dense_turned_, H, parameter(dense_kernel), H, O);
        dense_inputs_(logits_, dense_turned_, dh_);
        dense_weights_(last_, logits_, parameters_.gradient(dense_kernel));
        loops::column_sums(parameters_.gradient(dense_bias), logits_, B, O);
        std::fill_n(dc_ + 0, B * H, 0.f);
        parameters_.clear_gradients(bias, dense_kernel);
        for (int t = T - 1; t >= 0; --t) {
            float *gates = gates_ + t * B * G, *cells = cells_ + t * B * H;
            cell_backward(gates, cells, cells + B * H);
            if (t) back_(gates, turned_, dh_);
        }
        loops::large_product('T', K, G, T * B, rows_, K, gates_, G, parameters_.gradient(kernel), G);
    }
    /// Activated gates replace the sums; cells and states are written where the next step reads them.
    void cell(float* g, const float* before, float* c, float* h, int stride) {
        const float* b = parameter(bias);
        for (int r = 0; r < B; ++r, g += G, before += H, c += H, h += stride)
            for (int j = 0; j < H; j += L) {
                const auto sum = [&](int k) { return V::load(g + k * H + j) + V::load(b + k * H + j); };
                const V i = sigmoid(sum(0)), f = sigmoid(sum(1)), u = tanh(sum(2)), o = sigmoid(sum(3));
                const V state = f * V::load(before + j) + i * u;
                i.store(g + j), f.store(g + H + j), u.store(g + 2 * H + j), o.store(g + 3 * H + j);
                state.store(c + j), (o * tanh(state)).store(h + j);
            }
    }
    /// Gates become gradients of the sums; tanh(c) is computed again, dc carried in place, the bias' sums in registers.
    void cell_backward(float* gates, const float* before, const float* c) {
        float* db = parameters_.gradient(bias);
        for (int j = 0; j < H; j += L) {
            V total[4];
            for (int k = 0; k < 4; ++k) total[k] = V::load(db + k * H + j);
            for (int r = 0; r < B; ++r) {
                float *g = gates + r * G + j, *dc = dc_ + r * H + j;
                const V i = V::load(g), f = V::load(g + H), u = V::load(g + 2 * H), o = V::load(g + 3 * H);
                const V d = V::load(dh_ + r * H + j), squashed = tanh(V::load(c + r * H + j));
                const V state = V::load(dc) + d * o * (1 - squashed * squashed);
                const V each[4] = {state * u * i * (1 - i), state * V::load(before + r * H + j) * f * (1 - f),
                                   state * i * (1 - u * u), d * squashed * o * (1 - o)};
                (state * f).store(dc);
                for (int k = 0; k < 4; ++k) each[k].store(g + k * H), total[k] += each[k];
            }
            for (int k = 0; k < 4; ++k) total[k].store(db + k * H + j);
        }
    }

    loops::Parameters parameters_{{I * G, H* G, G, H* O, O}};  // the kernels as one matrix of K rows
    Floats rows_{T * B * K}, gates_{T * B * G}, cells_{(T + 1) * B * H}, last_{B * H}, logits_{B * O};
    Floats dh_{B * H}, dc_{B * H}, turned_{G * H}, dense_turned_{O * H};
    Product start_{B, G, I, {K, G, G}}, forward_{B, G, K, {K, G, G}}, back_{B, H, G, {G, H, H}};
    Product dense_{B, O, H, {H, O, O}}, dense_inputs_{B, H, O, {O, H, H}};
    Product dense_weights_{H, O, B, {H, O, O}, Product::A::transposed};
};

}  // namespace bench
