#pragma once
#include <string>

namespace xg::detail {

/// Text for HTML, SVG and their attributes.
inline std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
}

}  // namespace xg::detail
