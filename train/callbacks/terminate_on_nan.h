#pragma once
#include "../callback.h"

namespace xg {

struct TerminateOnNaNOptions {
    bool raise_error = false;  // as fit does without this callback
};
/// Ends the training, without an error, at a batch whose loss is NaN or infinite; that batch moves no weight.
class TerminateOnNaN : public Callback {
public:
    explicit TerminateOnNaN(TerminateOnNaNOptions options = {}) : options_(options) {}
    void on_train_begin(Fit& fit) override { fit.accepts_nan = !options_.raise_error; }
    void on_batch_end(Fit& fit) override;

private:
    TerminateOnNaNOptions options_;
};

}  // namespace xg
