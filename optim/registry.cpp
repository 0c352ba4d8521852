// Every optimizer and schedule by its name: one line each.
#include <cctype>
#include "../nn/settings.h"
#include "fields.h"
#include "optimizers.h"

namespace xg {

void from(const Json& j, LearningRate& out) {
    if (j.is_number()) {
        out = j.get<double>();
        return;
    }
    Box<Schedule> schedule;
    from(j, schedule);
    out = schedule;
}
Json value(const LearningRate& rate) {
    if (rate.constant()) return rate.at(0);
    require<std::logic_error>(bool(rate.schedule()),
                              "describe: expected a learning rate that is a number or a schedule, got a function");
    return value(rate.schedule());
}
void from(const Json& j, std::vector<LearningRate>& out) {
    for (const auto& rate : j) from(rate, out.emplace_back(0.0));
}
Json value(const std::vector<LearningRate>& rates) {
    auto list = Json::array();
    for (const LearningRate& rate : rates) list.push_back(value(rate));
    return list;
}
void from(const Json& j, Convention& out) {
    const auto name = j.get<std::string>();
    require<std::invalid_argument>(name == "keras" || name == "torch",
                                   "convention: expected keras or torch, got \"{}\"", name);
    out = name == "torch" ? Convention::torch : Convention::keras;
}
Json value(const Convention& convention) { return convention == Convention::torch ? "torch" : "keras"; }
template struct detail::SettingOf<LearningRate>;
template struct detail::SettingOf<Convention>;

void detail::describe_groups(Config& config, const Optimizer& optimizer) {
    for (const ParameterGroup& group : optimizer.groups()) {
        require<std::logic_error>(group.parameters.empty(),
                                  "describe: expected groups that name their parameters, got one that lists {} tensors",
                                  group.parameters.size());
        Json j{{"names", group.names}};
        if (group.learning_rate) j["learning_rate"] = value(*group.learning_rate);
        if (group.weight_decay) j["weight_decay"] = *group.weight_decay;
        config.json()["groups"].push_back(std::move(j));
    }
}
Config detail::without_groups(const Config& config, std::vector<ParameterGroup>& groups) {
    for (const auto& j : config.json().value("groups", Json::array())) {
        ParameterGroup& group = groups.emplace_back();
        group.names = j.at("names").get<std::vector<std::string>>();
        if (j.contains("learning_rate")) from(j["learning_rate"], group.learning_rate.emplace(0.0));
        if (j.contains("weight_decay")) group.weight_decay = j["weight_decay"].get<double>();
    }
    return config.without("groups");
}

namespace {
template <class O, class F> void decay_fields(O& o, F&& field) {
    field("initial_learning_rate", o.initial_learning_rate);
    field("decay_steps", o.decay_steps);
    field("decay_rate", o.decay_rate);
    field("staircase", o.staircase);
}
}  // namespace
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
template <class F> void fields(WarmupOptions& o, F&& field) {
    field("steps", o.steps);
    field("initial_learning_rate", o.initial_learning_rate);
    field("then", o.then);
}
template <class F> void fields(JoinedSchedulesOptions& o, F&& field) {
    field("schedules", o.schedules);
    field("boundaries", o.boundaries);
}
template <class F> void fields(PiecewiseConstantDecayOptions& o, F&& field) {
    field("boundaries", o.boundaries);
    field("values", o.values);
}

namespace {
template <class O> TableEntry<Optimizer> made_by_config(const char* name) {
    std::string lower = name;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return {name,
            [](const Config& c) { return Box<Optimizer>(O::from_config(c)); },
            {lower},
            [](const Optimizer& o) { return typeid(o) == typeid(O); },
            [](const Optimizer& o) {
                Config config;
                o.describe(config);
                return config;
            }};
}
}  // namespace
template <> const Table<Optimizer>& table<Optimizer>() {
    static const Table<Optimizer> entries{made_by_config<Adadelta>("Adadelta"),
                                          made_by_config<Adafactor>("Adafactor"),
                                          made_by_config<Adagrad>("Adagrad"),
                                          made_by_config<Adam>("Adam"),
                                          made_by_config<AdamW>("AdamW"),
                                          made_by_config<Adamax>("Adamax"),
                                          made_by_config<ASGD>("ASGD"),
                                          made_by_config<Ftrl>("Ftrl"),
                                          made_by_config<Lamb>("Lamb"),
                                          made_by_config<LBFGS>("LBFGS"),
                                          made_by_config<Lion>("Lion"),
                                          made_by_config<Muon>("Muon"),
                                          made_by_config<Nadam>("Nadam"),
                                          made_by_config<RAdam>("RAdam"),
                                          made_by_config<RMSprop>("RMSprop"),
                                          made_by_config<Rprop>("Rprop"),
                                          made_by_config<ScheduleFreeAdamW>("ScheduleFreeAdamW"),
                                          made_by_config<SGD>("SGD")};
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
        entry<PiecewiseConstantDecay, S, PiecewiseConstantDecayOptions>("PiecewiseConstantDecay"),
        entry<Warmup, S, WarmupOptions>("Warmup"),
        entry<JoinedSchedules, S, JoinedSchedulesOptions>("JoinedSchedules")};
    return entries;
}
template <> Box<Optimizer> make<Optimizer>(const char* name, const Config* config) {
    return from_table<Optimizer>("optimizer", name, config);
}
template <> Box<Schedule> make<Schedule>(const char* name, const Config* config) {
    return from_table<Schedule>("schedule", name, config);
}

}  // namespace xg
