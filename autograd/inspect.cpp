#include "inspect.h"
#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>
#include "node.h"

namespace xg {

namespace {
std::int64_t bytes_of(const Tensor& x) { return x.numel() * std::int64_t(size_of(x.dtype())); }
std::vector<Tensor> kept_by(const Node& step) {
    std::vector<Tensor> list;
    step.kept(list);
    return list;
}
}  // namespace

std::string saved_report(const Tensor& y) {
    struct Line {
        std::int64_t bytes;
        std::string text;
    };
    std::vector<Line> lines;
    std::set<const void*> seen;
    std::int64_t total = 0;
    for (const Node* step : detail::steps_of(y)) {
        std::int64_t own = 0;
        std::string values;
        for (const Tensor& x : kept_by(*step)) {
            const bool first = seen.insert(x.impl()->data).second;
            own += first ? bytes_of(x) : 0;
            values += fmt::format("{}{} {}{}", values.empty() ? "" : ", ", name_of(x.dtype()), x.shape(),
                                  first ? "" : " (kept above too)");
        }
        total += own;
        if (!values.empty()) lines.push_back({own, fmt::format("{:>12}  {}: {}\n", own, step->op, values)});
    }
    std::ranges::stable_sort(lines, std::greater(), &Line::bytes);
    std::string text;
    for (const Line& line : lines) text += line.text;
    return text + fmt::format("{:>12}  bytes in all\n", total);
}
void print_saved(const Tensor& y) { fmt::print("{}", saved_report(y)); }

std::string to_dot(const Tensor& y, std::size_t most) {
    const auto steps = detail::steps_of(y);
    const std::size_t shown = std::min(most, steps.size());
    std::unordered_map<const Node*, std::size_t> place;
    std::string text = "digraph {\n    node [shape=box, fontname=sans]\n";
    for (std::size_t i = 0; i < shown; ++i) {
        place[steps[i]] = i;
        std::int64_t bytes = 0;
        for (const Tensor& x : kept_by(*steps[i])) bytes += bytes_of(x);
        text += fmt::format("    n{} [label=\"{}\\n{} {}{}\"{}]\n", i, steps[i]->op, name_of(steps[i]->dtype),
                            Shape(steps[i]->shape), bytes ? fmt::format("\\nkeeps {} bytes", bytes) : "",
                            steps[i]->is_leaf() ? ", style=filled" : "");
    }
    if (shown < steps.size())
        text += fmt::format("    more [label=\"{} older operations\", style=dashed]\n", steps.size() - shown);
    for (std::size_t i = 0; i < shown; ++i) {
        std::vector<Node*> inputs;
        steps[i]->inputs(inputs);
        std::ranges::sort(inputs);
        inputs.erase(std::unique(inputs.begin(), inputs.end()), inputs.end());
        for (const Node* input : inputs) {
            if (!input) continue;
            const auto found = place.find(input);
            text += found == place.end() ? fmt::format("    more -> n{}\n", i)
                                         : fmt::format("    n{} -> n{}\n", found->second, i);
        }
    }
    return text + "}\n";
}

}  // namespace xg
