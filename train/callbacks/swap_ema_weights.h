#pragma once
#include "../../tensor/tensor.h"
#include "../callback.h"

namespace xg {

class Optimizer;

struct SwapEMAWeightsOptions {
    bool swap_on_epoch = false;  // also from the end of an epoch to the begin of the next: for ModelCheckpoint
};
/// Validates with the averages of the weights (an optimizer with use_ema), which fit leaves in the model at its end.
class SwapEMAWeights : public Callback {
public:
    explicit SwapEMAWeights(SwapEMAWeightsOptions options = {}) : options_(options) {}
    void on_train_begin(Fit& fit) override;
    void on_epoch_begin(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;

private:
    SwapEMAWeightsOptions options_;
};

}  // namespace xg
