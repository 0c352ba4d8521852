#include "../nn/config.h"
#include "adam.h"
#include "rmsprop.h"
#include "schedules.h"
#include "sgd.h"

namespace xg {

void from(const nlohmann::json& j, LearningRate& out) {
    if (j.is_number()) {
        out = j.get<double>();
        return;
    }
    Box<Schedule> schedule;
    from(j, schedule);
    out = schedule;
}
nlohmann::json value(const LearningRate& rate) {
    if (rate.constant()) return rate.at(0);
    require<std::logic_error>(bool(rate.schedule()),
                              "describe: expected a learning rate that is a number or a schedule, got a function");
    return value(rate.schedule());
}

namespace {
template <class O, class F> void shared_fields(O& o, F&& field) {
    field("weight_decay", o.weight_decay);
    field("clipnorm", o.clipnorm);
    field("clipvalue", o.clipvalue);
    field("global_clipnorm", o.global_clipnorm);
    field("use_ema", o.use_ema);
    field("ema_momentum", o.ema_momentum);
    field("ema_overwrite_frequency", o.ema_overwrite_frequency);
    field("loss_scale_factor", o.loss_scale_factor);
    field("gradient_accumulation_steps", o.gradient_accumulation_steps);
}
template <class O, class F> void adam_fields(O& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("beta_1", o.beta_1);
    field("beta_2", o.beta_2);
    field("epsilon", o.epsilon);
    field("amsgrad", o.amsgrad);
    shared_fields(o, field);
}
template <class O, class F> void decay_fields(O& o, F&& field) {
    field("initial_learning_rate", o.initial_learning_rate);
    field("decay_steps", o.decay_steps);
    field("decay_rate", o.decay_rate);
    field("staircase", o.staircase);
}
}  // namespace
template <class F> void fields(AdamOptions& o, F&& field) { adam_fields(o, field); }
template <class F> void fields(AdamWOptions& o, F&& field) { adam_fields(o, field); }
template <class F> void fields(SGDOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("momentum", o.momentum);
    field("nesterov", o.nesterov);
    shared_fields(o, field);
}
template <class F> void fields(RMSpropOptions& o, F&& field) {
    field("learning_rate", o.learning_rate);
    field("rho", o.rho);
    field("momentum", o.momentum);
    field("epsilon", o.epsilon);
    field("centered", o.centered);
    shared_fields(o, field);
}
template <class F> void fields(ExponentialDecayOptions& o, F&& field) { decay_fields(o, field); }
template <class F> void fields(InverseTimeDecayOptions& o, F&& field) { decay_fields(o, field); }
template <class F> void fields(PolynomialDecayOptions& o, F&& field) {
    field("initial_learning_rate", o.initial_learning_rate);
    field("decay_steps", o.decay_steps);
    field("end_learning_rate", o.end_learning_rate);
    field("power", o.power);
    field("cycle", o.cycle);
}
template <class F> void fields(CosineDecayOptions& o, F&& field) {
    field("initial_learning_rate", o.initial_learning_rate);
    field("decay_steps", o.decay_steps);
    field("alpha", o.alpha);
    field("warmup_target", o.warmup_target);
    field("warmup_steps", o.warmup_steps);
}
template <class F> void fields(CosineDecayRestartsOptions& o, F&& field) {
    field("initial_learning_rate", o.initial_learning_rate);
    field("first_decay_steps", o.first_decay_steps);
    field("t_mul", o.t_mul);
    field("m_mul", o.m_mul);
    field("alpha", o.alpha);
}
template <class F> void fields(PiecewiseConstantDecayOptions& o, F&& field) {
    field("boundaries", o.boundaries);
    field("values", o.values);
}

template <> const Table<Optimizer>& table<Optimizer>() {
    using O = Optimizer;
    static const Table<O> entries{entry<SGD, O, SGDOptions>("SGD", {"sgd"}), entry<Adam, O, AdamOptions>("Adam"),
                                  entry<AdamW, O, AdamWOptions>("AdamW", {"adamw"}),
                                  entry<RMSprop, O, RMSpropOptions>("RMSprop", {"rmsprop"})};
    return entries;
}
template <> const Table<Schedule>& table<Schedule>() {
    using S = Schedule;
    static const Table<S> entries{
        entry<ExponentialDecay, S, ExponentialDecayOptions>("ExponentialDecay"),
        entry<InverseTimeDecay, S, InverseTimeDecayOptions>("InverseTimeDecay"),
        entry<PolynomialDecay, S, PolynomialDecayOptions>("PolynomialDecay"),
        entry<CosineDecay, S, CosineDecayOptions>("CosineDecay"),
        entry<CosineDecayRestarts, S, CosineDecayRestartsOptions>("CosineDecayRestarts"),
        entry<PiecewiseConstantDecay, S, PiecewiseConstantDecayOptions>("PiecewiseConstantDecay")};
    return entries;
}
template <> Box<Optimizer> make<Optimizer>(const char* name, const Config* config) {
    return from_table<Optimizer>("optimizer", name, config);
}
template <> Box<Schedule> make<Schedule>(const char* name, const Config* config) {
    return from_table<Schedule>("schedule", name, config);
}

}  // namespace xg
