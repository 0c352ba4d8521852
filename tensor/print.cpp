#include "print.h"
#include <fmt/format.h>
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ostream>
#include <vector>

namespace xg {

namespace {
constexpr std::int64_t threshold = 1000, edge = 3;
constexpr std::size_t line_width = 75;

/// The shortest digits that read back as v, with a point and at most eight after it.
template <class T> std::string fixed(T v) {
    std::string s = fmt::format("{:f}", v), shortest = fmt::format("{}", v);
    if (shortest.find('e') == std::string::npos) s = shortest;
    auto point = s.find('.');
    if (point == std::string::npos) return s + ".";
    if (s.size() - point > 9 || shortest.find('e') != std::string::npos) s = fmt::format("{:.8f}", v);
    return s.erase(s.find_last_not_of('0') + 1);
}
/// How many digits after the point the shortest scientific form has, at most eight.
template <class T> int digits(T v) {
    for (int n = 0; n < 8; ++n)
        if (T(std::strtod(fmt::format("{:.{}e}", v, n).c_str(), nullptr)) == v) return n;
    return 8;
}

template <class T> std::vector<std::string> words(const std::vector<T>& values) {
    std::vector<std::string> out;
    if constexpr (!std::is_floating_point_v<T>) {
        for (T v : values) out.push_back(std::is_same_v<T, bool> ? (v ? "True" : "False") : fmt::format("{}", +v));
    } else {
        T most = 0, least = INFINITY;
        int precision = 0;
        for (T v : values)
            if (std::isfinite(v) && v != 0) {
                most = std::max(most, std::fabs(v)), least = std::min(least, std::fabs(v));
                precision = std::max(precision, digits(v));
            }
        const bool scientific = most > 0 && (most >= T(1e8) || least < T(1e-4) || most / least > T(1000));
        std::size_t after = 0;
        for (T v : values) {
            std::string s = std::isnan(v) ? "nan" : std::isinf(v) ? (v < 0 ? "-inf" : "inf") : fixed(v);
            if (scientific && std::isfinite(v)) {
                s = fmt::format("{:.{}e}", v, precision);
                if (precision == 0) s.insert(s.find('e'), ".");
            }
            if (!scientific && std::isfinite(v)) after = std::max(after, s.size() - s.find('.') - 1);
            out.push_back(s);
        }
        if (!scientific)
            for (std::size_t i = 0; i < out.size(); ++i)
                if (std::isfinite(values[i])) out[i].append(after - (out[i].size() - out[i].find('.') - 1), ' ');
    }
    std::size_t width = 0;
    for (auto& s : out) width = std::max(width, s.size());
    for (auto& s : out) s.insert(0, width - s.size(), ' ');
    return out;
}

struct Printer {
    const Shape& shape;
    bool cut;
    std::vector<std::string> words;
    std::size_t next = 0;

    bool hides(std::int64_t n) const { return cut && n > 2 * edge; }
    std::string block(int axis, std::size_t indent) {
        if (axis == shape.rank()) return words[next++];
        const auto n = shape[axis];
        const bool last = axis + 1 == shape.rank();
        std::string text = "[", line;
        for (std::int64_t i = 0; i < n; ++i) {
            const bool dots = hides(n) && i == edge;
            if (dots) i = n - edge - 1;
            const std::string item = dots ? "..." : block(axis + 1, indent + 1);
            if (last) {
                const std::size_t room = line_width - 2 * (indent + 1);  // the brackets before and behind
                if (!line.empty() && line.size() + 1 + item.size() > room) {
                    text += line.erase(line.find_last_not_of(' ') + 1) + "\n" + std::string(indent + 1, ' ');
                    line.clear();
                } else if (!line.empty()) line += ' ';
                line += item;
            } else {
                if (i > 0)
                    text += std::string(std::size_t(shape.rank() - axis - 1), '\n') + std::string(indent + 1, ' ');
                text += item;
            }
        }
        return text + line + "]";
    }
};
template <class T> void collect(std::vector<T>& out, const Tensor& x, bool cut, int axis, std::int64_t at) {
    if (axis == x.rank()) return out.push_back(x.raw<T>()[at]);
    const auto n = x.shape()[axis];
    for (std::int64_t i = 0; i < n; ++i) {
        if (cut && n > 2 * edge && i == edge) i = n - edge;
        collect(out, x, cut, axis + 1, at * n + i);
    }
}
}  // namespace

std::string to_string(const Tensor& x) {
    if (!x.defined()) return "undefined";
    if (x.numel() == 0) return "[]";
    if (x.rank() == 0 && is_float(x.dtype())) {  // a lone number prints as Python's float does
        std::string s = dispatch(x.dtype(), [&]<class T> { return fmt::format("{}", *x.raw<T>()); });
        return std::isfinite(x.item()) && s.find_first_of(".e") == std::string::npos ? s + ".0" : s;
    }
    const bool cut = x.numel() > threshold;
    return dispatch(x.dtype(), [&]<class T> {
        std::vector<T> values;
        collect(values, x, cut, 0, 0);
        return Printer{x.shape(), cut, words(values)}.block(0, 0);
    });
}
std::ostream& operator<<(std::ostream& out, const Tensor& x) { return out << to_string(x); }

}  // namespace xg

fmt::format_context::iterator fmt::formatter<xg::Tensor>::format(const xg::Tensor& x,
                                                                 fmt::format_context& context) const {
    return xg::detail::written(xg::to_string(x), context);
}
