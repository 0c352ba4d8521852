// Every metric by its name: a family a line.
#include "shared.h"

namespace xg {

template <> const Table<Metric>& table<Metric>() {
    static const Table<Metric> entries = [] {
        Table<Metric> metrics;
        for (auto family : {accuracy_metrics, mean_metrics, confusion_metrics, curve_metrics, fbeta_metrics,
                            iou_metrics, regression_metrics})
            for (auto& e : family()) metrics.push_back(std::move(e));
        return metrics;
    }();
    return entries;
}
/// A metric goes by the name it was asked for, as in Keras: "mse" stays "mse", "AUC" "AUC". A configuration may say
/// another.
template <> Box<Metric> make<Metric>(const char* name, const Config* config) {
    Box<Metric> metric = from_table<Metric>("metric", name, config);
    if (!config || (config->contains("name") && !config->null("name"))) {
        metric->rename(config ? config->get<std::string>("name") : name);
        return metric;
    }
    for (const auto& e : table<Metric>())
        if (e.name != name && std::ranges::find(e.aliases, name) != e.aliases.end())
            metric->rename(std::string(name) == "LogCoshError" ? "logcosh" : name);
    return metric;
}

}  // namespace xg
