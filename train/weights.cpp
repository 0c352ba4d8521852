#include <fmt/format.h>
#include <map>
#include "../io/safetensors.h"
#include "model.h"

namespace xg {

std::string to_string(const WeightsReport& r) {
    std::string text;
    const auto list = [&](const char* what, const std::vector<std::string>& names) {
        if (!names.empty()) text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", what, listed(names));
    };
    list("missing", r.missing);
    list("unexpected", r.unexpected);
    list("of another shape", r.wrong_shape);
    return text.empty() ? "all names fit" : text;
}

void save_weights(const Module& module, const std::string& path) {
    const auto state = module.state();
    require<std::logic_error>(module.built() || !state.empty(),
                              "save_weights: expected a {} that is built, got one that has seen no input",
                              module.type());
    save_safetensors(path, state);
}

WeightsReport load_weights(Module& module, const std::string& path, LoadOptions options) {
    return set_weights(module, load_safetensors(path), options);
}
WeightsReport set_weights(Module& module, const std::vector<std::pair<std::string, Tensor>>& weights,
                          LoadOptions options) {
    const std::map<std::string, Tensor> stored(weights.begin(), weights.end());
    WeightsReport report;
    auto state = module.state();
    require<std::logic_error>(module.built() || !state.empty(),
                              "load_weights: expected a {} that is built, got one that has seen no input",
                              module.type());
    for (auto& [name, value] : state) {
        const auto found = stored.find(name);
        if (found == stored.end()) report.missing.push_back(name);
        else if (!(found->second.shape() == value.shape()))
            report.wrong_shape.push_back(
                fmt::format("{} (expected {}, got {})", name, value.shape(), found->second.shape()));
    }
    for (auto& [name, value] : stored) {
        bool known = false;
        for (auto& entry : state) known |= entry.first == name;
        if (!known) report.unexpected.push_back(name);
    }
    require<std::invalid_argument>(report.ok() || !options.strict,
                                   "load_weights: expected the names and shapes of the module, got {}",
                                   to_string(report));
    NamedTensors fitting;  // converted before the first is written: that may run out of memory
    for (auto& [name, value] : state)
        if (const auto found = stored.find(name); found != stored.end() && found->second.shape() == value.shape())
            fitting.emplace_back(name, found->second.to(value.dtype()));
    auto next = fitting.begin();
    for (auto& [name, value] : state)
        if (next != fitting.end() && next->first == name) value.assign((next++)->second, "load_weights");
    return report;
}

std::vector<Tensor> Model::weights() const {
    std::vector<Tensor> copies;
    for (auto& [name, value] : module_->state()) copies.push_back(value.detach().copy());
    return copies;
}
void Model::set_weights(const std::vector<Tensor>& weights) {
    auto state = module_->state();
    require<std::invalid_argument>(state.size() == weights.size(), "set_weights: expected {} tensors, got {}",
                                   state.size(), weights.size());
    for (std::size_t i = 0; i < state.size(); ++i)
        require(state[i].second.shape() == weights[i].shape(), "set_weights: expected {} for {}, got {}",
                state[i].second.shape(), state[i].first, weights[i].shape());
    for (std::size_t i = 0; i < state.size(); ++i) state[i].second.assign(weights[i], "set_weights");
}

}  // namespace xg
