#pragma once
#include "../tensor/modes.h"

namespace xg {

/// While it lives, Dropout and its like act as in training (or not: `Training inference(false)`) on this thread.
class Training {
public:
    [[nodiscard]] explicit Training(bool on = true) : before_(modes.training) { modes.training = on; }
    ~Training() { modes.training = before_; }
    Training(const Training&) = delete;
    static bool on() { return modes.training; }

private:
    bool before_;
};

}  // namespace xg
