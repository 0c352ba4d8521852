#pragma once
#include <concepts>
#include <functional>
#include <vector>
#include "../tensor/box.h"

namespace xg {

/// A learning rate that depends on the number of steps taken so far.
struct Schedule {
    virtual ~Schedule() = default;
    virtual double operator()(std::int64_t step) const = 0;
};

/// A number, a schedule, or a function of the step.
class LearningRate {
public:
    LearningRate(double rate) : rate_(rate) {}
    LearningRate(Box<Schedule> schedule) : schedule_(std::move(schedule)) {}
    template <std::derived_from<Schedule> S> LearningRate(S schedule) : schedule_(std::move(schedule)) {}
    template <class F>
    requires(std::is_class_v<F>&& std::is_invocable_r_v<double, const F&, std::int64_t> &&
             !std::derived_from<F, Schedule>) LearningRate(F f)
        : function_(std::move(f)) {}
    /// A number: the same at every step.
    bool constant() const { return !schedule_ && !function_; }
    /// Empty for a number or a function.
    const Box<Schedule>& schedule() const { return schedule_; }
    double at(std::int64_t step) const { return schedule_ ? (*schedule_)(step) : function_ ? function_(step) : rate_; }

private:
    double rate_ = 0;
    Box<Schedule> schedule_;
    std::function<double(std::int64_t)> function_;
};

}  // namespace xg
