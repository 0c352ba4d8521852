#pragma once
#include "learning_rate.h"

namespace xg {

// "Start with larger steps, then smaller": Keras' schedules, functions of the optimizer's step.

struct ExponentialDecayOptions {
    double initial_learning_rate = 0.01, decay_steps = 1, decay_rate = 0.5;
    bool staircase = false;
};
/// initial * rate^(step / steps); staircase: only whole powers.
class ExponentialDecay : public Schedule {
public:
    explicit ExponentialDecay(ExponentialDecayOptions options);
    double operator()(std::int64_t step) const override;
    const ExponentialDecayOptions& settings() const { return options_; }

private:
    ExponentialDecayOptions options_;
};

struct InverseTimeDecayOptions {
    double initial_learning_rate = 0.01, decay_steps = 1, decay_rate = 0.5;
    bool staircase = false;
};
/// initial / (1 + rate * step / steps)
class InverseTimeDecay : public Schedule {
public:
    explicit InverseTimeDecay(InverseTimeDecayOptions options);
    double operator()(std::int64_t step) const override;
    const InverseTimeDecayOptions& settings() const { return options_; }

private:
    InverseTimeDecayOptions options_;
};

struct PolynomialDecayOptions {
    double initial_learning_rate = 0.01, decay_steps = 1, end_learning_rate = 1e-4, power = 1;
    bool cycle = false;  // start again, over ever longer spans
};
/// From initial to end within `decay_steps`, as (1 - step / steps)^power.
class PolynomialDecay : public Schedule {
public:
    explicit PolynomialDecay(PolynomialDecayOptions options);
    double operator()(std::int64_t step) const override;
    const PolynomialDecayOptions& settings() const { return options_; }

private:
    PolynomialDecayOptions options_;
};

struct CosineDecayOptions {
    double initial_learning_rate = 0.01, decay_steps = 1;
    double alpha = 0;  // the last rate, as a part of the highest
    double warmup_target = 0,
           warmup_steps = 0;  // first in a line from initial to the target, if one is given, in so many steps
};
/// Half a cosine wave down to alpha (Loshchilov & Hutter 2017), after a warm-up if wanted.
class CosineDecay : public Schedule {
public:
    explicit CosineDecay(CosineDecayOptions options);
    double operator()(std::int64_t step) const override;
    const CosineDecayOptions& settings() const { return options_; }

private:
    CosineDecayOptions options_;
};

struct CosineDecayRestartsOptions {
    double initial_learning_rate = 0.01, first_decay_steps = 1, t_mul = 2, m_mul = 1, alpha = 0;
};
/// Cosine waves, each t_mul times as long and m_mul times as high as the one before (Loshchilov & Hutter 2017).
class CosineDecayRestarts : public Schedule {
public:
    explicit CosineDecayRestarts(CosineDecayRestartsOptions options);
    double operator()(std::int64_t step) const override;
    const CosineDecayRestartsOptions& settings() const { return options_; }

private:
    CosineDecayRestartsOptions options_;
};

struct PiecewiseConstantDecayOptions {
    std::vector<double> boundaries = {}, values = {};
};
/// values[0] up to and including step boundaries[0], then values[1], ...
class PiecewiseConstantDecay : public Schedule {
public:
    explicit PiecewiseConstantDecay(PiecewiseConstantDecayOptions options);
    double operator()(std::int64_t step) const override;
    const PiecewiseConstantDecayOptions& settings() const { return options_; }

private:
    PiecewiseConstantDecayOptions options_;
};

struct WarmupOptions {
    double steps = 0;
    double initial_learning_rate = 0;
    LearningRate then = 1e-3;
};
/// In a line from initial to where `then` begins, then `then`, which counts its steps from there.
class Warmup : public Schedule {
public:
    explicit Warmup(WarmupOptions options);
    double operator()(std::int64_t step) const override;
    const WarmupOptions& settings() const { return options_; }

private:
    WarmupOptions options_;
};

struct JoinedSchedulesOptions {
    std::vector<LearningRate> schedules = {};
    std::vector<double> boundaries = {};
};
/// schedules[0] before step boundaries[0], then schedules[1], ...; each counts its steps from its own beginning.
class JoinedSchedules : public Schedule {
public:
    explicit JoinedSchedules(JoinedSchedulesOptions options);
    double operator()(std::int64_t step) const override;
    const JoinedSchedulesOptions& settings() const { return options_; }

private:
    JoinedSchedulesOptions options_;
};

}  // namespace xg
