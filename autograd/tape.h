#pragma once
#include <vector>
#include "node.h"

namespace xg {

struct TapeOptions {
    bool persistent = false;  // gradient may be asked for more than once
};

/// For who comes from TensorFlow: `GradientTape tape; tape.watch(x); Tensor y = f(x); Tensor dx = tape.gradient(y, x);`
/// Here everything is recorded anyway; a tape says what is to be differentiated, and that gradients taken while an
/// outer tape lives can be differentiated by that one.
class GradientTape {
public:
    [[nodiscard]] explicit GradientTape(TapeOptions options = {});
    ~GradientTape();
    GradientTape(const GradientTape&) = delete;

    /// Makes x a leaf, if no operation computed it. Throws unless it is floating.
    void watch(const Tensor& x) const;
    void watch(const std::vector<Tensor>& xs) const;
    /// The gradient of the sum of y's elements; where y does not depend on x, undefined, or zeros if asked for. Throws
    /// the second time unless the tape is persistent.
    Tensor gradient(const Tensor& y, const Tensor& x, Unused unconnected = Unused::undefined);
    std::vector<Tensor> gradient(const Tensor& y, const std::vector<Tensor>& xs,
                                 Unused unconnected = Unused::undefined);
    /// dy[i] / dx[j], shape y.shape + x.shape.
    Tensor jacobian(const Tensor& y, const Tensor& x);
    /// The Jacobian of each example: y (batch, ...) and x (batch, ...) give (batch, y..., x...), where no example
    /// depends on another.
    Tensor batch_jacobian(const Tensor& y, const Tensor& x);
    /// Nothing is recorded on this thread while what this returns lives.
    [[nodiscard]] NoGrad stop_recording() const { return NoGrad(); }

private:
    GradOptions use(const char* what, Unused unused);

    TapeOptions options_;
    bool used_ = false;
};

}  // namespace xg
