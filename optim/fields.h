#pragma once
// How the settings of optimizers are read and written. For the .cpp files beside it.
#include "../nn/config.h"
#include "optimizer.h"

namespace xg {

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

namespace detail {
void describe_groups(Config& config, const Optimizer& optimizer);
/// The configuration without its groups, which are added to the list.
Config without_groups(const Config& config, std::vector<ParameterGroup>& groups);

/// The learning rate may have been set since.
template <class Options> void describe(Config& config, Options options, const Optimizer& optimizer) {
    options.learning_rate = optimizer.rate();
    write(config, std::move(options));
    describe_groups(config, optimizer);
}
template <class O, class Options> O made(const char* name, const Config& config) {
    std::vector<ParameterGroup> groups;
    O optimizer(read<Options>(name, without_groups(config, groups)));
    for (ParameterGroup& group : groups) optimizer.add_group(std::move(group));
    return optimizer;
}
}  // namespace detail

}  // namespace xg
