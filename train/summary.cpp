#include <algorithm>
#include <cstdio>
#include "model.h"

namespace xg {

namespace {
std::string with_commas(std::int64_t n) {
    std::string digits = std::to_string(n);
    for (auto at = std::int64_t(digits.size()) - 3; at > 0; at -= 3) digits.insert(std::size_t(at), 1, ',');
    return digits;
}
std::string bytes_text(double bytes) {
    for (const char* unit : {"B", "KB", "MB"}) {
        if (bytes < 1024) return fmt::format("{:.2f} {}", bytes, unit);
        bytes /= 1024;
    }
    return fmt::format("{:.2f} GB", bytes);
}
std::string batch_shape(const Module& m) {
    if (!m.built()) return "?";
    std::string text = fmt::format("{}", m.output_shape());
    return fmt::format("(None{}", text.substr(std::min(text.find_first_of(",)"), text.size())));
}
}  // namespace

std::string Model::summary_text() const {
    struct Row {
        std::string layer, shape, count;
    };
    std::vector<Row> rows{{"Layer (type)", "Output Shape", "Param #"}};
    const auto add = [&](const std::string& name, const Module& m) {
        rows.push_back({fmt::format("{} ({})", name, m.type()), batch_shape(m),
                        m.built() ? with_commas(m.count_parameters()) : "0 (unbuilt)"});
    };
    if (module_->children().empty()) add("model", *module_);
    for (auto& c : module_->children()) add(c.name, *c.module);
    std::size_t a = 0, b = 0, c = 0;
    for (auto& r : rows)
        a = std::max(a, r.layer.size()), b = std::max(b, r.shape.size()), c = std::max(c, r.count.size());
    const auto rule = [&](const char* left, const char* middle, const char* right) {
        const auto dashes = [](std::size_t n) {
            std::string text;
            for (std::size_t i = 0; i < n + 2; ++i) text += "─";
            return text;
        };
        return left + dashes(a) + middle + dashes(b) + middle + dashes(c) + right + "\n";
    };
    std::string text = fmt::format("Model: \"{}\"\n", module_->type());
    text += rule("┌", "┬", "┐");
    for (std::size_t i = 0; i < rows.size(); ++i) {
        text += fmt::format("│ {:<{}} │ {:<{}} │ {:>{}} │\n", rows[i].layer, a, rows[i].shape, b, rows[i].count, c);
        if (i == 0) text += rule("├", "┼", "┤");
    }
    text += rule("└", "┴", "┘");
    // Once it has made a step, the optimizer's own numbers count as well, as in Keras.
    const std::int64_t kept = compiled_ ? options_.optimizer->count_parameters() : 0;
    std::int64_t trainable = 0, other = 0, size = 4;
    for (auto& [name, value] : module_->named_parameters()) {
        (value.requires_grad() ? trainable : other) += value.numel();
        size = std::int64_t(size_of(value.dtype()));
    }
    for (auto& [label, n] :
         {std::pair("Total params", trainable + other + kept), std::pair("Trainable params", trainable),
          std::pair("Non-trainable params", other), std::pair("Optimizer params", kept)})
        if (kept > 0 || label != std::string_view("Optimizer params"))
            text += fmt::format(" {}: {} ({})\n", label, with_commas(n), bytes_text(double(n * size)));
    return text;
}
void Model::summary() const { std::fputs(summary_text().c_str(), stdout); }

}  // namespace xg
