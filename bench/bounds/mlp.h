#pragma once
// What the machine allows: the training step of a ReLU network with Adam, written for this one case. Products by
// LIBXSMM kernels looked up once, weights transposed once a step, everything else a loop over memory that stays where
// it is.
#include <libxsmm.h>
#include <algorithm>
#include <cstdint>
#include <vector>

namespace bench {

class HandWrittenMlp {
public:
    enum class Loss { squares, cross_entropy };
    HandWrittenMlp(std::vector<int> sizes, int batch, Loss loss, float dropout = 0);
    float* kernel(std::size_t layer) { return layers_[layer].w; }
    float* bias(std::size_t layer) { return layers_[layer].b; }
    std::size_t size(std::size_t layer) const {
        return std::size_t(layers_[layer].in) * std::size_t(layers_[layer].out);
    }

    /// One step; returns the loss before it. Targets are floats for squares, int64 labels for cross_entropy.
    float step(const float* x, const void* targets, float rate = 1e-3f);
    /// The share of the hidden units of the last step that dropout left.
    float kept() const { return float(kept_) / float(std::max<std::size_t>(1, drawn_)); }

private:
    struct Layer {
        int in, out;
        float *w, *b, *dw, *db;        // within the flat buffers
        std::vector<float> y, dy, wt;  // output, its gradient, the weights transposed
        libxsmm_smmfunction forward, weights, inputs;
    };
    void forward(const float* x);
    void backward(const float* x);
    float squares(const float* targets);
    float cross_entropy(const std::int64_t* labels);
    void activate(Layer& l, std::size_t index);
    void deactivate(Layer& l);
    const std::uint16_t* draw(std::size_t layer, int row);
    void adam(float rate);

    Loss loss_;
    int batch_;
    float dropout_;
    int steps_ = 0;
    std::size_t kept_ = 0, drawn_ = 0;
    std::vector<float> values_, gradients_, momentum_, velocity_;
    std::vector<std::uint16_t> bits_;
    std::vector<Layer> layers_;
};

}  // namespace bench
