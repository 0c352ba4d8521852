// The learning curves as a picture: a panel for the loss, one for each metric; training solid, validation dashed.
#include <algorithm>
#include <cmath>
#include <string>
#include "../../io/bytes.h"
#include "history.h"

namespace xg {

namespace {
constexpr double width = 460, height = 300, left = 58, right = 16, top = 40, bottom = 44;

struct Panel {
    std::string name;
    std::vector<std::pair<std::string, const std::vector<double>*>> curves;
};
/// A step of 1, 2 or 5 times a power of ten that cuts the span in about five.
double tick_step(double span) {
    const double raw = span / 5, power = std::pow(10, std::floor(std::log10(raw))), digit = raw / power;
    return power * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}
std::string draw(const Panel& panel, double at) {
    double low = INFINITY, high = -INFINITY;
    std::size_t epochs = 1;
    for (auto& [label, curve] : panel.curves)
        for (double v : *curve)
            if (std::isfinite(v))
                low = std::min(low, v), high = std::max(high, v), epochs = std::max(epochs, curve->size());
    if (low > high) low = 0, high = 1;
    if (high - low < 1e-6 * std::fabs(high) + 1e-12) {
        const double room = high == 0 ? 0.5 : 0.1 * std::fabs(high);
        low -= room, high += room;
    }
    const double margin = 0.05 * (high - low);
    low -= margin, high += margin;
    const auto x = [&](double epoch) {
        return left + (epochs > 1 ? (epoch - 1) / double(epochs - 1) : 0.5) * (width - left - right);
    };
    const auto y = [&](double v) { return top + (high - v) / (high - low) * (height - top - bottom); };
    std::string out = fmt::format(
        "<g transform=\"translate({},0)\">\n<text x=\"{}\" y=\"22\" class=\"title\">{}</text>\n", at, left, panel.name);
    const double step = tick_step(high - low);
    for (double v = std::ceil(low / step) * step; v <= high; v += step)
        out += fmt::format(
            "<line x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\" class=\"grid\"/><text x=\"{3}\" y=\"{4:.1f}\" "
            "class=\"tick\" text-anchor=\"end\">{5:.4g}</text>\n",
            left, width - right, y(v), left - 8, y(v) + 4, std::fabs(v) < step * 1e-6 ? 0.0 : v);
    const double stride = std::max(1.0, std::round(tick_step(std::max(1.0, double(epochs - 1)))));
    for (double e = 1; e <= double(epochs); e += stride)
        out += fmt::format("<text x=\"{:.1f}\" y=\"{}\" class=\"tick\" text-anchor=\"middle\">{}</text>\n", x(e),
                           height - bottom + 18, e);
    out += fmt::format("<text x=\"{}\" y=\"{}\" class=\"tick\" text-anchor=\"middle\">epoch</text>\n",
                       (left + width - right) / 2, height - 8);
    double legend = width - right;
    for (std::size_t c = panel.curves.size(); c-- > 0;) {
        const auto& [label, curve] = panel.curves[c];
        const char* kind = c ? "validation" : "training";
        std::string points;
        for (std::size_t e = 0; e < curve->size(); ++e)
            if (std::isfinite((*curve)[e])) points += fmt::format("{:.1f},{:.1f} ", x(double(e + 1)), y((*curve)[e]));
        out += fmt::format("<polyline points=\"{}\" class=\"{}\"/>\n", points, kind);
        legend -= c ? 78 : 70;
        out += fmt::format(
            "<line x1=\"{0}\" x2=\"{1}\" y1=\"18\" y2=\"18\" class=\"{2}\"/><text x=\"{3}\" y=\"22\" "
            "class=\"tick\">{2}</text>\n",
            legend, legend + 18, kind, legend + 23);
    }
    return out + "</g>\n";
}
}  // namespace

std::string History::svg() const {
    std::vector<Panel> panels;
    for (auto& [name, curve] : curves_) {
        const bool validation = name.starts_with("val_");
        const std::string base = validation ? name.substr(4) : name;
        auto found = std::ranges::find(panels, base, &Panel::name);
        if (found == panels.end()) found = panels.insert(panels.end(), {base, {}});
        found->curves.emplace_back(name, &curve);
    }
    std::string out = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\">\n<style>\n"
        "text {{ font-family: sans-serif; fill: #444; }} .title {{ font-size: 14px; font-weight: bold; }} .tick {{ "
        "font-size: 11px; }}\n"
        ".grid {{ stroke: #ddd; stroke-width: 1; }} polyline {{ fill: none; stroke-linejoin: round; }}\n"
        ".training {{ stroke: #2266bb; stroke-width: 2; }} .validation {{ stroke: #dd7711; stroke-width: 2; "
        "stroke-dasharray: 6 3; }}\n"
        "text.training, text.validation {{ stroke: none; }}\n</style>\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"white\"/>\n",
        width * double(std::max<std::size_t>(1, panels.size())), height);
    for (std::size_t i = 0; i < panels.size(); ++i) out += draw(panels[i], width * double(i));
    return out + "</svg>\n";
}
void History::save_svg(const std::string& path) const { write_file(path, svg()); }

}  // namespace xg
