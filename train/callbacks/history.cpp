#include "history.h"
#include <algorithm>
#include "../../io/state.h"

namespace xg {

void History::on_epoch_end(Fit& fit) {
    for (auto& [name, value] : fit.logs) {
        auto found = std::ranges::find(curves_, name, [](auto& c) { return c.first; });
        if (found == curves_.end()) found = curves_.insert(found, {name, {}});
        found->second.push_back(value);
    }
    ++epochs_;
}
const std::vector<double>& History::operator[](const std::string& name) const {
    std::string known;
    for (auto& [n, curve] : curves_) {
        if (n == name) return curve;
        known += (known.empty() ? "" : ", ") + n;
    }
    fail<std::invalid_argument>("History: expected one of {}, got \"{}\"", known, name);
}
/// By number, so that their order stays.
void History::save(State& state) const {
    state.set("epochs", epochs_);
    for (std::size_t i = 0; i < curves_.size(); ++i) {
        const std::string at = std::to_string(i);
        state.set("name." + at, curves_[i].first);
        state.set("values." + at, Tensor::of<double>({std::int64_t(curves_[i].second.size())}, curves_[i].second));
    }
}
void History::load(const State& state) {
    epochs_ = std::size_t(state.integer("epochs"));
    curves_.clear();
    for (std::string at = "0"; state.contains("name." + at); at = std::to_string(curves_.size())) {
        const Tensor& values = state.tensor("values." + at);
        const auto all_values = values.data<double>();
        curves_.emplace_back(state.text("name." + at), std::vector(all_values.begin(), all_values.end()));
    }
}

}  // namespace xg
