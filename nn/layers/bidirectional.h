#pragma once
#include <optional>
#include "recurrent.h"

namespace xg {

struct BidirectionalOptions {
    std::optional<std::string> merge_mode = "concat";  // sum, mul, ave; none: outputs() gives both outputs
    std::shared_ptr<RNN> backward_layer = {};          // the same settings with go_backwards, if not given
};
/// A recurrent layer from the first step to the last, and another from the last to the first, whose sequence is put
/// back in order. With return_sequences, masked steps give 0. Input (batch, steps, ...) and the initial states of both
/// layers, if not zeros; output as the layer's, its last axis doubled by "concat".
class Bidirectional : public Module {
public:
    template <std::derived_from<RNN> Layer> explicit Bidirectional(Layer layer, BidirectionalOptions options = {})
        : Bidirectional(std::shared_ptr<RNN>(share(std::move(layer))), std::move(options)) {}
    explicit Bidirectional(std::shared_ptr<RNN> layer, BidirectionalOptions options = {});
    Tensor forward(const Tensor& x) override { return forward(Tensors{x}); }
    Tensor forward(const Tensors& x_and_states) override;
    /// The merged output, or both; then the states with return_state.
    Tensors forward_all(const Tensors& x_and_states) override;
    void reset_states();
    void describe(Config& config) const override;
    static Bidirectional from_config(const Config& config);

private:
    std::optional<std::string> merge_mode_;
    RNN &forward_, &backward_;
};

}  // namespace xg
