// Callbacks by Keras' names and settings.
#include "registry.h"
#include <map>
#include "../../nn/config.h"
#include "../../optim/learning_rate.h"
#include "../callbacks.h"

namespace xg {

template <class F> void fields(EarlyStoppingOptions& o, F&& field) {
    field("monitor", o.monitor);
    field("min_delta", o.min_delta);
    field("patience", o.patience);
    field("verbose", o.verbose);
    field("mode", o.mode);
    field("baseline", o.baseline);
    field("restore_best_weights", o.restore_best_weights);
    field("start_from_epoch", o.start_from_epoch);
}
template <class F> void fields(ReduceLROnPlateauOptions& o, F&& field) {
    field("monitor", o.monitor);
    field("factor", o.factor);
    field("patience", o.patience);
    field("verbose", o.verbose);
    field("mode", o.mode);
    field("min_delta", o.min_delta);
    field("cooldown", o.cooldown);
    field("min_lr", o.min_lr);
}
template <class F> void fields(TerminateOnNaNOptions& o, F&& field) { field("raise_error", o.raise_error); }
template <class F> void fields(SwapEMAWeightsOptions& o, F&& field) { field("swap_on_epoch", o.swap_on_epoch); }
template <class F> void fields(RemoteMonitorOptions& o, F&& field) {
    field("root", o.root);
    field("path", o.path);
    field("field", o.field);
    field("send_as_json", o.send_as_json);
    field("timeout", o.timeout);
}

namespace {
struct SchedulerSettings {
    LearningRate schedule = 0.0;
    LearningRateSchedulerOptions options = {};
};
template <class F> void fields(SchedulerSettings& o, F&& field) {
    field("schedule", o.schedule);
    field("verbose", o.options.verbose);
}
using Maker = AnyCallback (*)(const char* name, const Config&);
template <class C, class Options> AnyCallback made(const char* name, const Config& config) {
    return C(read<Options>(name, config));
}
AnyCallback scheduler(const char* name, const Config& config) {
    require<std::invalid_argument>(config.contains("schedule"), "{}: expected a schedule, got none", name);
    const auto o = read<SchedulerSettings>(name, config);
    return LearningRateScheduler([rate = o.schedule](int epoch, double) { return rate.at(epoch); }, o.options);
}
const std::map<std::string, Maker> makers{
    {"EarlyStopping", made<EarlyStopping, EarlyStoppingOptions>},
    {"LearningRateScheduler", scheduler},
    {"ReduceLROnPlateau", made<ReduceLROnPlateau, ReduceLROnPlateauOptions>},
    {"RemoteMonitor", made<RemoteMonitor, RemoteMonitorOptions>},
    {"SwapEMAWeights", made<SwapEMAWeights, SwapEMAWeightsOptions>},
    {"TerminateOnNaN", made<TerminateOnNaN, TerminateOnNaNOptions>},
};
}  // namespace

AnyCallback make_callback(const std::string& name, const Config& config) {
    std::string known;
    for (auto& [each, maker] : makers) known += (known.empty() ? "" : ", ") + each;
    const auto found = makers.find(name);
    require<std::invalid_argument>(found != makers.end(), "make_callback: expected one of {}, got \"{}\"", known, name);
    return found->second(name.c_str(), config);
}

}  // namespace xg
