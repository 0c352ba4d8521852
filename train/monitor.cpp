#include "monitor.h"
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include "model.h"

namespace xg {

Monitor::Monitor(const char* who, std::string name, std::string mode, double min_delta)
    : who_(who), name_(std::move(name)), mode_(std::move(mode)), min_delta_(std::fabs(min_delta)) {
    require<std::invalid_argument>(mode_ == "auto" || mode_ == "min" || mode_ == "max",
                                   "{}: expected mode auto, min or max, got {}", who_, mode_);
}
void Monitor::begin(const Fit& fit) {
    std::string known;
    for (auto& name : fit.names) known += (known.empty() ? "" : ", ") + name;
    require<std::invalid_argument>(std::ranges::find(fit.names, name_) != fit.names.end(),
                                   "{}: expected a monitor of {}, got \"{}\"", who_, known, name_);
    const std::string measured = name_.starts_with("val_") ? name_.substr(4) : name_;
    std::optional<bool> larger;
    if (mode_ != "auto") larger = mode_ == "max";
    else if (measured == "loss") larger = false;
    else
        for (auto& metric : fit.model.metrics())
            if (metric->name() == measured) larger = metric->larger_is_better();
    if (!larger && measured.ends_with("_loss")) larger = false;  // of one of several outputs
    require<std::invalid_argument>(
        larger.has_value(), "{}: expected mode min or max for \"{}\", which may be either, got {}", who_, name_, mode_);
    larger_ = *larger;
}
bool Monitor::better(double value, double than) const {
    return larger_ ? value - min_delta_ > than : value + min_delta_ < than;
}
double Monitor::worst() const {
    return larger_ ? -std::numeric_limits<double>::infinity() : std::numeric_limits<double>::infinity();
}

}  // namespace xg
