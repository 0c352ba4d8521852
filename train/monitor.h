#pragma once
#include "callback.h"

namespace xg {

/// A number of the logs that a callback watches, and what counts as better: one idea of it for all of them. NaN is
/// never better.
class Monitor {
public:
    /// `who` is the callback, for errors. mode: "min", "max", or "auto": as the loss or the metric of that name has it.
    /// Better is better by more than |min_delta|.
    Monitor(const char* who, std::string name, std::string mode, double min_delta = 0);
    /// To be called at the begin of training. Throws, and lists the names, if the logs will have no such number, or if
    /// nobody knows which way is better.
    void begin(const Fit& fit);
    bool better(double value, double than) const;
    /// What everything is better than.
    double worst() const;
    double value(const Fit& fit) const { return fit.logs[name_]; }
    const std::string& name() const { return name_; }

private:
    std::string who_, name_, mode_;
    double min_delta_;
    bool larger_ = false;
};

}  // namespace xg
