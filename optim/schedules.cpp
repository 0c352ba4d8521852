#include "schedules.h"
#include <algorithm>
#include <cmath>
#include <numbers>
#include "../tensor/error.h"

namespace xg {

namespace {
void require_steps(const char* schedule, double steps) {
    require<std::invalid_argument>(steps > 0, "{}: expected decay_steps > 0, got {}", schedule, steps);
}
double half_cosine(double done) { return 0.5 * (1 + std::cos(std::numbers::pi * done)); }
}  // namespace

ExponentialDecay::ExponentialDecay(ExponentialDecayOptions options) : options_(options) {
    require_steps("ExponentialDecay", options.decay_steps);
}
double ExponentialDecay::operator()(std::int64_t step) const {
    const double t = double(step) / options_.decay_steps;
    return options_.initial_learning_rate * std::pow(options_.decay_rate, options_.staircase ? std::floor(t) : t);
}

InverseTimeDecay::InverseTimeDecay(InverseTimeDecayOptions options) : options_(options) {
    require_steps("InverseTimeDecay", options.decay_steps);
}
double InverseTimeDecay::operator()(std::int64_t step) const {
    const double t = double(step) / options_.decay_steps;
    return options_.initial_learning_rate / (1 + options_.decay_rate * (options_.staircase ? std::floor(t) : t));
}

PolynomialDecay::PolynomialDecay(PolynomialDecayOptions options) : options_(options) {
    require_steps("PolynomialDecay", options.decay_steps);
}
double PolynomialDecay::operator()(std::int64_t step) const {
    const auto& o = options_;
    const double cycles = o.cycle ? std::max(1.0, std::ceil(double(step) / o.decay_steps)) : 1;
    const double steps = o.decay_steps * cycles, done = std::min(double(step), steps) / steps;
    return (o.initial_learning_rate - o.end_learning_rate) * std::pow(1 - done, o.power) + o.end_learning_rate;
}

CosineDecay::CosineDecay(CosineDecayOptions options) : options_(options) {
    require_steps("CosineDecay", options.decay_steps);
    require<std::invalid_argument>(options.warmup_steps >= 0, "CosineDecay: expected warmup_steps >= 0, got {}",
                                   options.warmup_steps);
}
double CosineDecay::operator()(std::int64_t step) const {
    const auto& o = options_;
    const double at = double(step), first = o.initial_learning_rate, before = o.warmup_target > 0 ? o.warmup_steps : 0;
    const double highest = o.warmup_target > 0 ? o.warmup_target : first;
    if (at < before) return first + (highest - first) * at / before;
    const double done = std::min(at - before, o.decay_steps) / o.decay_steps;
    return highest * ((1 - o.alpha) * half_cosine(done) + o.alpha);
}

CosineDecayRestarts::CosineDecayRestarts(CosineDecayRestartsOptions options) : options_(options) {
    require_steps("CosineDecayRestarts", options.first_decay_steps);
    require<std::invalid_argument>(options.t_mul >= 1, "CosineDecayRestarts: expected t_mul >= 1, got {}",
                                   options.t_mul);
}
double CosineDecayRestarts::operator()(std::int64_t step) const {
    const auto& o = options_;
    const double t = double(step) / o.first_decay_steps;  // in lengths of the first wave
    double wave = std::floor(t), done = t - wave;
    if (o.t_mul != 1) {
        wave = std::floor(std::log(1 - t * (1 - o.t_mul)) / std::log(o.t_mul));
        const double before = (1 - std::pow(o.t_mul, wave)) / (1 - o.t_mul);
        done = (t - before) / std::pow(o.t_mul, wave);
    }
    return o.initial_learning_rate * ((1 - o.alpha) * std::pow(o.m_mul, wave) * half_cosine(done) + o.alpha);
}

PiecewiseConstantDecay::PiecewiseConstantDecay(PiecewiseConstantDecayOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(o.values.size() == o.boundaries.size() + 1,
                                   "PiecewiseConstantDecay: expected one value more than boundaries, got {} and {}",
                                   o.values.size(), o.boundaries.size());
    require<std::invalid_argument>(std::ranges::is_sorted(o.boundaries),
                                   "PiecewiseConstantDecay: expected rising boundaries, got others");
}
double PiecewiseConstantDecay::operator()(std::int64_t step) const {
    const auto& b = options_.boundaries;
    return options_.values[std::size_t(std::ranges::lower_bound(b, double(step)) - b.begin())];
}

Warmup::Warmup(WarmupOptions options) : options_(std::move(options)) {
    require<std::invalid_argument>(options_.steps >= 0, "Warmup: expected steps >= 0, got {}", options_.steps);
}
double Warmup::operator()(std::int64_t step) const {
    const auto& o = options_;
    const double done = double(step);
    if (done >= o.steps) return o.then.at(step - std::int64_t(std::ceil(o.steps)));
    return o.initial_learning_rate + (o.then.at(0) - o.initial_learning_rate) * done / o.steps;
}

JoinedSchedules::JoinedSchedules(JoinedSchedulesOptions options) : options_(std::move(options)) {
    const auto& o = options_;
    require<std::invalid_argument>(o.schedules.size() == o.boundaries.size() + 1,
                                   "JoinedSchedules: expected one schedule more than boundaries, got {} and {}",
                                   o.schedules.size(), o.boundaries.size());
    require<std::invalid_argument>(std::ranges::is_sorted(o.boundaries),
                                   "JoinedSchedules: expected rising boundaries, got others");
}
double JoinedSchedules::operator()(std::int64_t step) const {
    const auto& b = options_.boundaries;
    const auto i = std::ranges::upper_bound(b, double(step)) - b.begin();
    return options_.schedules[std::size_t(i)].at(i ? step - std::int64_t(std::ceil(b[std::size_t(i - 1)])) : step);
}

}  // namespace xg
