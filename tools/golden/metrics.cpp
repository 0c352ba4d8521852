#include "case.h"

namespace xg::golden {

void metric(const Json& c, Comparison& compare) {
    const auto metric = make_from<Metric>(c);
    // Keras' IoU family casts weights to its dtype, and that is int unless another is given.
    const bool whole_weights = c.at("op").string().ends_with("IoU") && !c.at("config").contains("dtype");
    int t = 0;
    for (auto& u : c.at("updates")) {
        Tensor weight =
            u.contains("sample_weight") && !u["sample_weight"].is_null() ? read_tensor(u["sample_weight"]) : Tensor();
        if (weight.defined() && whole_weights) weight = weight.to(i64);
        if (u.contains("values")) dynamic_cast<MeanMetric&>(*metric).add(read_tensor(u["values"]), weight);
        else metric->update(read_tensor(u.at("y_true")), read_tensor(u.at("y_pred")), weight);
        compare(fmt::format("update {}", ++t), metric->value(), read_tensor(u.at("result")));
    }
    metric->reset();
    if (c.contains("result_after_reset") && !c["result_after_reset"].is_null())
        compare("after reset", metric->value(), read_tensor(c["result_after_reset"]));
}

}  // namespace xg::golden
