#include "pictures.h"
#include <algorithm>
#include <cmath>
#include "../autograd/node.h"
#include "../autograd/ops/elementwise.h"
#include "../autograd/ops/indexing.h"
#include "../autograd/ops/layout.h"
#include "../autograd/ops/reduction.h"
#include "../tensor/create.h"
#include "markup.h"

namespace xg {

namespace {
std::uint8_t grey(double v) { return std::uint8_t(v > 0 ? std::lround(std::min(v, 1.0) * 255) : 0); }
std::string svg(double width, double height, const std::string& body) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:.0f} {1:.0f}\" width=\"{0:.0f}\" "
        "height=\"{1:.0f}\">\n"
        "<style>text {{ font-family: sans-serif; font-size: 11px; fill: #444; }}</style>\n"
        "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{2}</svg>\n",
        width, height, body);
}
std::string label(double x, double y, const char* anchor, const std::string& text, const char* more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y, anchor, more,
                       detail::escaped(text));
}
}  // namespace

Tensor image_grid(const Tensor& pictures, std::int64_t columns, std::int64_t gap) {
    require((pictures.rank() == 3 || (pictures.rank() == 4 && pictures.shape()[3] >= 1 && pictures.shape()[3] <= 4)) &&
                pictures.numel() > 0,
            "image_grid: expected pictures (n, height, width[, 1 to 4 channels]), got {}", pictures.shape());
    require<std::invalid_argument>(columns >= 0 && gap >= 0,
                                   "image_grid: expected columns >= 0 and gap >= 0, got {} "
                                   "and {}",
                                   columns, gap);
    const auto n = pictures.shape()[0], height = pictures.shape()[1], width = pictures.shape()[2],
               channels = pictures.rank() == 4 ? pictures.shape()[3] : 1;
    if (columns == 0) columns = std::int64_t(std::ceil(std::sqrt(double(n))));
    const auto rows = (n + columns - 1) / columns;
    const Tensor values = pictures.detach().to(f64);
    const double scale = is_float(pictures.dtype()) ? 1 : 1.0 / 255;
    Tensor grid = full({rows * (height + gap) - gap, columns * (width + gap) - gap, channels}, 32, u8);
    auto* out = grid.mutable_data<std::uint8_t>().data();
    for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t y = 0; y < height; ++y)
            for (std::int64_t x = 0; x < width * channels; ++x)
                out[((i / columns * (height + gap) + y) * grid.shape()[1] + i % columns * (width + gap)) * channels +
                    x] = grey(scale * values.raw<double>()[(i * height + y) * width * channels + x]);
    return grid;
}

Tensor filter_grid(const Tensor& kernel, std::int64_t columns) {
    require(kernel.rank() == 4 && kernel.numel() > 0, "filter_grid: expected a kernel (height, width, in, out), got {}",
            kernel.shape());
    NoGrad unrecorded;
    const Tensor weights = transpose(kernel.detach().to(f64), {3, 0, 1, 2});
    Tensor pictures = (kernel.shape()[2] == 3 ? weights : mean(weights, {3}, {.keepdims = true})).copy();
    const auto each = pictures.numel() / pictures.shape()[0];
    for (std::int64_t i = 0; i < pictures.shape()[0]; ++i) {
        double* p = pictures.raw<double>() + i * each;
        double most = 1e-12;
        for (std::int64_t k = 0; k < each; ++k) most = std::max(most, std::fabs(p[k]));
        for (std::int64_t k = 0; k < each; ++k) p[k] = 0.5 + 0.5 * p[k] / most;
    }
    return image_grid(pictures, columns);
}

std::string confusion_svg(const Tensor& matrix, const std::vector<std::string>& names) {
    require(matrix.rank() == 2 && matrix.shape()[0] == matrix.shape()[1] && matrix.numel() > 0,
            "confusion_svg: expected a matrix (classes, classes), got {}", matrix.shape());
    const auto n = matrix.shape()[0];
    require<std::invalid_argument>(names.empty() || std::int64_t(names.size()) == n,
                                   "confusion_svg: expected a name a class, {}, got {}", n, names.size());
    const double cell = std::clamp(480.0 / double(n), 22.0, 60.0), left = 110, top = 60;
    const Tensor counts = matrix.to(f64);
    const auto name = [&](std::int64_t i) { return names.empty() ? std::to_string(i) : names[std::size_t(i)]; };
    std::string body = label(left + cell * double(n) / 2, 18, "middle", "predicted", "font-weight=\"bold\"") +
                       label(12, top - 12, "start", "true", "font-weight=\"bold\"");
    for (std::int64_t i = 0; i < n; ++i) {
        double total = 0;
        for (std::int64_t j = 0; j < n; ++j) total += counts.raw<double>()[i * n + j];
        body += label(left - 8, top + cell * (double(i) + 0.5) + 4, "end", name(i));
        body += label(left + cell * (double(i) + 0.5), top - 8, "middle", name(i));
        for (std::int64_t j = 0; j < n; ++j) {
            const double count = counts.raw<double>()[i * n + j], share = total > 0 ? count / total : 0;
            const double shade = i == j ? share : std::sqrt(share);  // few mistakes should be seen too
            body += fmt::format(
                "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
                "fill-opacity=\"{:.3f}\" "
                "stroke=\"#ddd\"/>\n",
                left + cell * double(j), top + cell * double(i), cell, cell, i == j ? "#2266bb" : "#dd5511", shade);
            if (count > 0)
                body += label(left + cell * (double(j) + 0.5), top + cell * (double(i) + 0.5) + 4, "middle",
                              fmt::format("{:.0f}", count), shade > 0.6 ? "style=\"fill:white\"" : "");
        }
    }
    return svg(left + cell * double(n) + 20, top + cell * double(n) + 20, body);
}

std::string gradient_flow_svg(const Module& module) {
    struct Bar {
        std::string name;
        double mean, largest;
    };
    std::vector<Bar> bars;
    double low = 0, high = -30;  // powers of ten
    for (auto& [name, parameter] : module.named_parameters()) {
        const Tensor g = parameter.grad();
        if (!g.defined() || g.numel() == 0) {
            bars.push_back({name + " (no gradient)", 0, 0});
            continue;
        }
        NoGrad unrecorded;
        const Tensor size = abs(g.detach().to(f64));
        bars.push_back({name, mean(size).item(), max(size).item()});
        if (bars.back().mean > 0) low = std::min(low, std::floor(std::log10(bars.back().mean)));
        if (bars.back().largest > 0) high = std::max(high, std::ceil(std::log10(bars.back().largest)));
    }
    high = std::max(high, low + 1);
    const double left = 180, width = 520, row = 24, top = 40;
    const auto x = [&](double v) {
        return left + (v > 0 ? std::max(0.0, (std::log10(v) - low) / (high - low)) : 0) * (width - 20);
    };
    std::string body =
        label(left, 18, "start", "gradients: mean (dark) and largest (light) size", "font-weight=\"bold\"");
    for (double power = low; power <= high; ++power)
        body += fmt::format("<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\" stroke=\"#ddd\"/>\n",
                            x(std::pow(10, power)), top - 8, top + row * double(bars.size())) +
                label(x(std::pow(10, power)), top - 10, "middle", fmt::format("1e{:.0f}", power));
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const double y = top + row * double(i);
        body += label(left - 8, y + 15, "end", bars[i].name);
        for (const auto& [value, fill] : {std::pair(bars[i].largest, "#a9c4e4"), std::pair(bars[i].mean, "#2266bb")})
            body += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"/>\n", left,
                                y + 3, x(value) - left, row - 6, fill);
    }
    return svg(left + width, top + row * double(bars.size()) + 16, body);
}

}  // namespace xg
