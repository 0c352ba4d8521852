#pragma once
#include "../callback.h"

namespace xg {

class Config;

/// A callback by its name and settings, of those that settings can describe (a LearningRateScheduler by the config of a
/// schedule over epochs): make_callback("EarlyStopping", Config::parse(R"({"patience": 5})")).
AnyCallback make_callback(const std::string& name, const Config& config);

}  // namespace xg
