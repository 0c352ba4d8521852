#pragma once
#include "callback.h"

namespace xg {

/// A bar that redraws itself on a terminal, within its width; a plain line an epoch anywhere else, or where verbose is
/// 2. NO_COLOR leaves out colours.
class ProgressBar : public Callback {
public:
    void on_train_begin(Fit& fit) override;
    void on_epoch_begin(Fit& fit) override;
    void on_batch_end(Fit& fit) override;
    void on_epoch_end(Fit& fit) override;

private:
    void draw(const Fit& fit, std::int64_t done, bool last) const;
    double seconds_a_step(std::int64_t done) const;

    bool bar_ = false, colour_ = false;
    std::int64_t first_batch_ = 0;  // of the epoch in this run: a resumed one begins within
    double start_ = 0, first_step_ = 0, last_step_ = 0, drawn_ = 0;  // seconds
};

}  // namespace xg
