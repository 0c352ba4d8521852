#include "logs.h"
#include <algorithm>

namespace xg {

double Logs::operator[](const std::string& name) const {
    std::string known;
    for (auto& [n, v] : values_) {
        if (n == name) return v;
        known += (known.empty() ? "" : ", ") + n;
    }
    fail<std::invalid_argument>("logs: expected one of {}, got \"{}\"", known, name);
}
void Logs::set(const std::string& name, double value) {
    for (auto& [n, v] : values_)
        if (n == name) {
            v = value;
            return;
        }
    values_.emplace_back(name, value);
}
bool Logs::contains(const std::string& name) const {
    return std::ranges::any_of(values_, [&](auto& e) { return e.first == name; });
}

}  // namespace xg
