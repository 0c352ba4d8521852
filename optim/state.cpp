// What an optimizer has learned, out and in.
#include <algorithm>
#include <map>
#include "../tensor/create.h"
#include "optimizer.h"

namespace xg {

std::int64_t Optimizer::count_parameters() const {
    if (bound_.empty()) return 0;
    std::int64_t numbers = 0;
    for (std::size_t s = 0; s < slot_names_.size(); ++s)
        for (std::size_t i = 0; i < bound_.size(); ++i) numbers += slot_shape(s, i).numel();
    return numbers + 1 + rate_.constant();
}
std::vector<Optimizer::Slot> Optimizer::slots() const {
    std::vector<Slot> all;
    for (std::size_t s = 0; s < slot_names_.size() && !bound_.empty(); ++s) {
        Slot slot{slot_names_[s], {}};
        for (std::size_t i = 0; i < bound_.size(); ++i) slot.values.push_back(slot_of(s, i));
        all.push_back(std::move(slot));
    }
    return all;
}

std::vector<std::pair<std::string, Tensor>> Optimizer::slot_state() const {
    std::vector<std::pair<std::string, Tensor>> list;
    for (const Slot& slot : slots())
        for (std::size_t i = 0; i < slot.values.size(); ++i)
            if (slot.values[i].numel()) list.emplace_back(fmt::format("{}.{}", slot.name, i), slot.values[i]);
    return list;
}
std::vector<std::pair<std::string, Tensor>> Optimizer::state() const {
    if (!waiting_.empty()) return waiting_;
    auto list = slot_state();
    list.insert(list.begin(), {{"calls", full({}, double(calls_), f64)},
                               {"steps", full({}, double(steps_), f64)},
                               {"learning_rate_factor", full({}, factor_, f64)}});
    for (std::size_t i = 0; i < accumulated_.size(); ++i)
        if (accumulated_[i]) list.emplace_back(fmt::format("accumulated.{}", i), ones({}, f64));
    return list;
}
void Optimizer::set_state(const std::vector<std::pair<std::string, Tensor>>& state) {
    std::map<std::string, Tensor> given(state.begin(), state.end());
    const auto number = [&](const char* name) {
        const auto found = given.extract(name);
        require<std::invalid_argument>(!found.empty(), "set_state: expected \"{}\", got none", name);
        require(found.mapped().numel() == 1, "set_state: expected {} to be one number, got shape {}", name,
                found.mapped().shape());
        return found.mapped().item();
    };
    const double calls = number("calls"), steps = number("steps"), factor = number("learning_rate_factor");
    require<std::invalid_argument>(
        steps >= 0 && calls >= steps && calls < 9e15 && calls == std::int64_t(calls) && steps == std::int64_t(steps),
        "set_state: expected counts with 0 <= steps <= calls, got {} and {}", steps, calls);
    if (bound_.empty()) {
        waiting_ = state;
        calls_ = std::int64_t(calls), steps_ = std::int64_t(steps), factor_ = factor;
        return;
    }
    std::vector<char> accumulated(bound_.size(), 0);
    for (std::size_t i = 0; i < bound_.size(); ++i)
        accumulated[i] = !given.extract(fmt::format("accumulated.{}", i)).empty();
    auto own = slot_state();
    for (auto& [name, value] : own) {
        const auto found = given.find(name);
        require<std::invalid_argument>(found != given.end(), "set_state: expected \"{}\", got none", name);
        require(found->second.shape() == value.shape(), "set_state: expected {} of shape {}, got {}", name,
                value.shape(), found->second.shape());
        require(found->second.dtype() == value.dtype(), "set_state: expected {} of dtype {}, got {}", name,
                name_of(value.dtype()), name_of(found->second.dtype()));
    }
    for (auto& [name, ignored] : given)
        require<std::invalid_argument>(
            std::ranges::any_of(own, [&, &name = name](auto& slot) { return slot.first == name; }),
            "set_state: expected slots of {} parameters, got \"{}\"", bound_.size(), name);
    for (auto& [name, value] : own) value.assign(given.at(name), "set_state");
    calls_ = std::int64_t(calls), steps_ = std::int64_t(steps), factor_ = factor, accumulated_ = std::move(accumulated);
}

}  // namespace xg
