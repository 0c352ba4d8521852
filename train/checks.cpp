#include "checks.h"
#include "../tensor/finite.h"

namespace xg::detail {

namespace {
template <class Which> std::string names(const std::vector<std::pair<std::string, Tensor>>& all, const Which& which) {
    std::string text;
    for (auto& [name, value] : all)
        if (which(value)) text += (text.empty() ? "" : ", ") + name;
    return text;
}
}  // namespace

std::string without_gradient(const Module& module) {
    return names(module.named_parameters(),
                 [](const Tensor& p) { return p.requires_grad() && p.numel() > 0 && !p.grad().defined(); });
}
std::string not_finite(const Module& module) {
    return names(module.named_parameters(), [](const Tensor& t) { return !all_finite(t); });
}
std::string why_not_finite(const Module& module, const std::function<Tensor()>& loss) {
    if (const std::string spoilt = not_finite(module); !spoilt.empty())
        return fmt::format("; {} held NaN or infinity before it", spoilt);
    try {
        const Anomaly watched;
        loss();
    } catch (const std::exception& e) {
        const std::string message = e.what();
        return "; " + message.substr(0, message.find(", called from"));  // which is us
    }
    return "";
}

}  // namespace xg::detail
