#include "case.h"

namespace xg::golden {

void metric(const json& c, Comparison& compare) {
    const auto metric = make_from<Metric>(c);
    int t = 0;
    for (auto& u : c.at("updates")) {
        const Tensor weight =
            u.contains("sample_weight") && !u["sample_weight"].is_null() ? read_tensor(u["sample_weight"]) : Tensor();
        if (u.contains("values")) metric->add(read_tensor(u["values"]), weight);
        else metric->update(read_tensor(u.at("y_true")), read_tensor(u.at("y_pred")), weight);
        compare(fmt::format("update {}", ++t), full({}, metric->result(), f64), read_tensor(u.at("result")));
    }
    metric->reset();
    if (c.contains("result_after_reset"))
        compare("after reset", full({}, metric->result(), f64), read_tensor(c["result_after_reset"]));
}

}  // namespace xg::golden
